"""What was in the frames of a video."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VideoSummary:
    """What was in the frames of a video that were processed."""

    #: The name of the input.
    source: str
    frames: int = 0
    #: Size of the last frame in pixels; 0 without frames.
    width: int = 0
    height: int = 0
    #: When the last frame is shown, in seconds from the start of the video.
    end: float = 0.0
    #: The largest number of people in one frame.
    max_people: int = 0
    #: How many people got ids.
    ids: int = 0
    #: Why the frames after these could not be read; empty if there are no others.
    damage: str = ''

    def describe(self) -> str:
        """Return the summary as a line."""
        if not self.frames:
            return f'{self.source}: no frames in the chosen part'
        return (
            f'{self.source} ({self.width}x{self.height}): '
            f'{_counted(self.frames, "frame", "frames")} up to {self.end:.3f} s, at most '
            f'{_counted(self.max_people, "person", "people")} at once, '
            f'{_counted(self.ids, "id", "ids")}'
        )


def _counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f'{number} {one if number == 1 else many}'
