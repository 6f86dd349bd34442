"""Numbered images, such as frames/%04d.png, as a video."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
import re

from posenet_ros.errors import ImageError
from posenet_ros.image_files import image_file_errors, read_image
from posenet_ros.videos.frames import FrameSelection, UnreadFrame, VideoFrame

_NUMBER = re.compile(r'%(?:0?\d+)?d')


def is_pattern(name: str) -> bool:
    """Return whether a name stands for numbered images: its last part has one %d or %04d."""
    folder, _, file = name.rpartition('/')
    return len(_NUMBER.findall(file)) == 1 and not _NUMBER.search(folder)


class NumberedImages:
    """Numbered images, in the order of their numbers, as a video with a fixed rate."""

    def __init__(self, pattern: str, *, rate: float, max_pixels: int) -> None:
        """Find the images, taken `rate` times per second; raises ImageError if there are none."""
        self.name = pattern
        self.rate = rate
        self._max_pixels = max_pixels
        self._paths = find_images(pattern)
        self.duration: float | None = len(self._paths) / rate

    def __enter__(self) -> 'NumberedImages':
        return self

    def __exit__(self, *_: object) -> None: ...

    def frames(self, selection: FrameSelection) -> Iterator[VideoFrame]:
        """Return the selected images; raises ImageError at the first that cannot be read."""
        return selection.select(
            UnreadFrame(
                index,
                index / self.rate,
                partial(read_image, path, max_pixels=self._max_pixels),
            )
            for index, path in enumerate(self._paths)
        )


def find_images(pattern: str) -> list[Path]:
    """
    Return the files that match a pattern, ordered by their numbers.

    Raises ImageError if there are none.
    """
    numbered = _find(Path(pattern))
    if not numbered:
        raise ImageError(
            f'cannot open {pattern}: there is no image with such a name; the pattern stands for '
            'names with any number, such as 0001 for %04d'
        )
    return [path for _, path in sorted(numbered)]


def _find(pattern: Path) -> list[tuple[int, Path]]:
    """Return the files that match a pattern, each with its number."""
    before, after = _NUMBER.split(pattern.name)
    width = _NUMBER.search(pattern.name)
    digits = int(width[0][1:-1] or 1) if width else 1
    name = re.compile(rf'{re.escape(before)}(\d{{{digits},}}){re.escape(after)}', re.ASCII)
    with image_file_errors(pattern.parent):
        matches = [(name.fullmatch(path.name), path) for path in pattern.parent.iterdir()]
    return [(int(match[1]), path) for match, path in matches if match]
