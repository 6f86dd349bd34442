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
        """
        Return the selected frames.

        Raises ImageError if there are none before the damage, and if the disk or the network
        failed: then a later run may read more.
        """
        count = 0
        try:
            for frame in self._source.frames(selection):
                count += 1
                yield frame
        except ImageError as error:
            if not count or isinstance(error.__cause__, OSError):
                raise
            self.damage = str(error)
