"""What a section of the page of `--report` shows: the poses over time, and annotated copies."""

from dataclasses import dataclass
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.cli.estimation.results import ImageResult
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.keypoints import PART_NAMES

# Keypoints that are not drawn have no place in the plots either.
_MIN_SCORE = DrawingSettings().draw_min_keypoint_score
#: An even number of frames; each person in one takes about 150 bytes of memory, and of the page.
#: Plots are about 600 pixels wide.
MAX_FRAMES = 20_000


@dataclass(frozen=True, eq=False)
class _Frame:
    """The people in a frame."""

    time: float
    ids: tuple[int, ...]
    #: float32 [people, 1 + 2 * parts]: score, x of all keypoints, y of all; NaN if not drawn.
    values: NDArray[np.float32]


class Section:
    """One video, or all single images of a run."""

    def __init__(self, name: str, *, is_video: bool) -> None:
        """Start without frames."""
        self.name = name
        self.is_video = is_video
        #: The annotated copies: one of a video, or one for each image.
        self.files: list[Path] = []
        #: The plots show one of so many frames: more than 1 if there are more than MAX_FRAMES.
        self.every = 1
        self._frames: list[_Frame] = []
        self._count = 0
        self._start = 0.0

    def add(self, result: ImageResult) -> None:
        """Add the people in the next image."""
        number = self._count
        self._count += 1
        if number % self.every:
            return
        if len(self._frames) == MAX_FRAMES:
            self._frames = self._frames[::2]
            self.every *= 2
        time = float(number) if result.moment is None else result.moment.time
        if self.is_video and number == 0:
            self._start = time
        # The annotated video starts with its first frame.
        time = round(time - self._start, 4)
        ids = tuple(pose.track_id for pose in result.poses)
        self._frames.append(_Frame(time, ids, _values(result)))

    def plots(self) -> dict[str, Any]:
        """
        Return what the plots show, as lists and dicts for JSON.

        `times` has the time of each frame in the annotated video, or the number of the image, and
        `counts` the number of people. `people` has by id the times `t` and the scores `s` of a
        person, and positions `x` and `y` of all keypoints, None if they are not drawn.
        """
        return {
            'is_video': self.is_video,
            'times': [frame.time for frame in self._frames],
            'counts': [len(frame.ids) for frame in self._frames],
            'people': self._people(),
        }

    def _people(self) -> dict[int, dict[str, list[Any]]]:
        people: dict[int, dict[str, list[Any]]] = {}
        parts = len(PART_NAMES)
        for frame in self._frames:
            for track_id, (score, *points) in zip(frame.ids, frame.values.tolist(), strict=True):
                person = people.setdefault(track_id, {'t': [], 's': [], 'x': [], 'y': []})
                person['t'].append(frame.time)
                person['s'].append(round(score, 3))
                shown = [None if math.isnan(value) else round(value, 1) for value in points]
                person['x'].append(shown[:parts])
                person['y'].append(shown[parts:])
        return people


def _values(result: ImageResult) -> NDArray[np.float32]:
    """Return the values of a frame for `_Frame`."""
    values = np.full((len(result.poses), 1 + 2 * len(PART_NAMES)), np.nan, np.float32)
    for row, pose in zip(values, result.poses, strict=True):
        row[0] = pose.score
        shown = (pose.keypoint_scores >= _MIN_SCORE)[:, None]
        row[1:] = np.where(shown, pose.keypoints, np.nan).T.ravel()
    return values
