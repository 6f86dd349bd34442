"""The frames of a video before the place where it is damaged."""

from collections.abc import Iterator

from posenet_ros.errors import ImageError
from posenet_ros.videos.frames import FrameSelection, FrameSource, VideoFrame


class IntactFrames:
    """Reads an open source up to the first frame that cannot be read, as a `FrameSource`."""

    def __init__(self, source: FrameSource) -> None:
        """Read from a source, which stays open."""
        self.name = source.name
        self.rate = source.rate
        self.duration = source.duration
        #: Why the frames ended early; empty if they did not.
        self.damage = ''
        self._source = source

    def __enter__(self) -> 'IntactFrames':
        return self

    def __exit__(self, *_: object) -> None: ...

    def frames(self, selection: FrameSelection) -> Iterator[VideoFrame]:
        """Return the selected frames; raises ImageError only if there are none before it."""
        count = 0
        try:
            for frame in self._source.frames(selection):
                count += 1
                yield frame
        except ImageError as error:
            if not count:
                raise
            self.damage = str(error)
