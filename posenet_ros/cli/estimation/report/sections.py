"""What the page of `--report` shows: the poses over time, and the annotated copies."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posenet_ros.cli.estimation.results import ImageResult
from posenet_ros.drawing.drawing_settings import DrawingSettings

# Keypoints that are not drawn have no place in the plots either.
_MIN_SCORE = DrawingSettings().draw_min_keypoint_score
_PICTURES = 'Images'


@dataclass
class Section:
    """One video, or all single images of a run."""

    name: str
    #: The annotated copies: one of a video, or one for each image.
    files: list[Path]
    is_video: bool
    #: For each frame: its time in the annotated video, or its number among the images.
    times: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    #: For each person, by id: times, scores, and the positions of all keypoints.
    people: dict[int, dict[str, list[Any]]] = field(default_factory=dict)
    _start: float = 0.0

    def add(self, result: ImageResult) -> None:
        """Add the people in the next image."""
        time = float(len(self.times)) if result.moment is None else result.moment.time
        if not self.times and self.is_video:
            self._start = time
        # The annotated video starts with its first frame.
        time = round(time - self._start, 4)
        self.times.append(time)
        self.counts.append(len(result.poses))
        for pose in result.poses:
            person = self.people.setdefault(pose.track_id, {'t': [], 's': [], 'x': [], 'y': []})
            person['t'].append(time)
            person['s'].append(round(pose.score, 3))
            shown = (pose.keypoint_scores >= _MIN_SCORE).tolist()
            for axis, values in zip('xy', pose.keypoints.T.tolist(), strict=True):
                person[axis].append(
                    [
                        round(value, 1) if is_shown else None
                        for value, is_shown in zip(values, shown, strict=True)
                    ]
                )


class Sections:
    """Sorts results into sections, in the order in which they start."""

    def __init__(self) -> None:
        """Begin without any."""
        self.all: list[Section] = []

    def add(self, result: ImageResult, annotated: Path) -> None:
        """Add a result, and the path of the annotated copy."""
        section = self._find(result, annotated)
        if annotated not in section.files:
            section.files.append(annotated)
        section.add(result)

    def _find(self, result: ImageResult, annotated: Path) -> Section:
        is_video = result.moment is not None
        for section in reversed(self.all):
            if section.is_video == is_video and (not is_video or section.files == [annotated]):
                return section
        self.all.append(Section(result.source if is_video else _PICTURES, [], is_video))
        return self.all[-1]
