"""Annotated copies: of images as PNG, and of videos as MP4."""

from collections.abc import Callable, Sequence
from pathlib import Path
import re
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from posenet_ros.cli.output import print_message
from posenet_ros.poses import Pose
from posenet_ros.quoting import reason_of
from posenet_ros.videos.background import WriteBehind
from posenet_ros.videos.video_writer import VideoWriter

Image = NDArray[np.uint8]
#: Draws poses on an image.
Draw = Callable[[Image, Sequence[Pose]], Image]
_Drawable = tuple[Image, Sequence[Pose], float]


class AnnotatedFiles:
    """Chooses the file names of annotated copies; no two of one run share a name."""

    def __init__(self, folder: Path) -> None:
        """Put annotated copies into `folder`."""
        self._folder = folder
        self._names: set[str] = set()

    def path_for(self, source: str, suffix: str) -> Path:
        """Return the path of the annotated copy of an image, a video or a webcam."""
        stem = re.sub(r'[%\s]+', '_', Path(source).stem)
        name, number = f'{stem}_poses{suffix}', 1
        while name in self._names:
            number += 1
            name = f'{stem}_poses_{number}{suffix}'
        self._names.add(name)
        return self._folder / name


class AnnotatedVideo:
    """Writes the annotated copy of a video, in a thread of its own, as a context manager."""

    def __init__(self, path: Path, *, rate: float, draw: Draw) -> None:
        """Create an unfinished file; raises what `VideoWriter` raises."""
        self.path = path
        #: Whether the file is there, complete with all frames that were added.
        self.is_finished = False
        self._is_empty = True
        self._draw = draw
        self._writer = VideoWriter(path, rate=rate)
        self._behind: WriteBehind[_Drawable] = WriteBehind(self._write, finish=self._finish)

    def __enter__(self) -> 'AnnotatedVideo':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """
        Finish the file with the frames that were added, whatever ended the block.

        If that fails, and an error or a signal ended the block, the reason is only printed.
        """
        try:
            self._behind.close()
        except KeyboardInterrupt as interruption:
            self._print(interruption.__cause__)
            raise
        except Exception as failure:
            if error is None:
                raise
            self._print(None if failure is error else failure)
        finally:
            self._writer.discard()  # which does nothing if the file is finished

    def add(self, image: Image, poses: Sequence[Pose], time: float) -> None:
        """Add a frame; raises ImageError if an earlier one could not be written."""
        self._behind.put((image, poses, time))

    def _write(self, drawable: _Drawable) -> None:
        image, poses, time = drawable
        self._writer.write(self._draw(image, poses), time)
        self._is_empty = False

    def _finish(self) -> None:
        self._writer.close()
        self.is_finished = not self._is_empty

    def _print(self, failure: BaseException | None) -> None:
        if failure is not None:
            reason = reason_of(failure)
            named = str(self.path) in reason
            print_message(reason if named else f'cannot write {self.path}: {reason}')
