"""
The videos that tools/accuracy.py measures, and their published keypoints.

Two videos and the results of other networks for them come from the tests of tfjs-models'
pose-detection (Apache-2.0): those of MoveNet for pose_1.mp4, and those of BlazePose for
pose_squats.mp4. vtest.avi comes with OpenCV.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from accuracy_downloads import VIDEOS_ADVICE
import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import PART_NAMES

# BlazePose's landmarks in the order of PART_NAMES.
_BLAZEPOSE = (0, 2, 5, 7, 8, *range(11, 17), *range(23, 29))


@dataclass(frozen=True)
class Video:
    """A video of people."""

    title: str
    file: str
    #: The file with the published keypoints; empty if there is none.
    keypoints_file: str = ''
    #: The rate of images in Hz to measure with; 0 for that of the file.
    rate: float = 0.0
    #: How often to play it, alternately forwards and backwards.
    passes: int = 1

    @property
    def large_person(self) -> bool:
        """Return whether it shows one large person; so do all with published keypoints."""
        return bool(self.keypoints_file)


VIDEOS = (
    Video('pose_1', 'pose_1.mp4', 'pose_1.json'),
    Video('pose_squats', 'pose_squats.mp4', 'pose_squats.full.json'),
    # At 30 Hz, it lasts for only 2 seconds, with 3 searches: more than in a longer video.
    Video('pose_squats as if at 30 Hz', 'pose_squats.mp4', 'pose_squats.full.json', 30.0, 4),
    Video('vtest', 'vtest.avi'),
)


@dataclass(frozen=True, eq=False)
class Clip:
    """The images of a video."""

    video: Video
    #: uint8 RGB [height, width, 3] each.
    images: Sequence[NDArray[np.uint8]]
    #: In Hz.
    rate: float
    #: The published keypoints in pixels, float64 [images, 17, 2]; None if there are none.
    keypoints: NDArray[np.float64] | None


def check_folder(folder: Path) -> None:
    """Raise SystemExit if a folder lacks files of the videos."""
    files = {one.file for one in VIDEOS} | {
        one.keypoints_file for one in VIDEOS if one.keypoints_file
    }
    if missing := sorted(name for name in files if not (folder / name).is_file()):
        raise SystemExit(f'{folder} has no {", ".join(missing)}. {VIDEOS_ADVICE}')


def read_clip(folder: Path, video: Video, *, max_images: int) -> Clip:
    """Return the first images of a video, with the published keypoints."""
    capture = cv2.VideoCapture(str(folder / video.file))
    rate = video.rate or capture.get(cv2.CAP_PROP_FPS)
    images: list[NDArray[np.uint8]] = []
    while len(images) < max_images and (read := capture.read())[0]:
        images.append(np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), np.uint8))
    capture.release()
    if not images:
        raise SystemExit(
            f'{folder / video.file} is no video that OpenCV can read. {VIDEOS_ADVICE}'
        )
    keypoints = read_keypoints(folder / video.keypoints_file) if video.keypoints_file else None
    if keypoints is not None:
        images = images[: len(keypoints)]
        keypoints = keypoints[: len(images)]
    order = _order(len(images), video.passes)
    return Clip(
        video,
        [images[index] for index in order],
        rate,
        None if keypoints is None else keypoints[order],
    )


def _order(images: int, passes: int) -> list[int]:
    """Return the indices of images that are played alternately forwards and backwards."""
    forwards = list(range(images))
    return [index for number in range(passes) for index in forwards[:: -1 if number % 2 else 1]]


def read_keypoints(path: Path) -> NDArray[np.float64]:
    """Return published keypoints, float64 [images, 17, 2], in the order of PART_NAMES."""
    rows: Any = json.loads(path.read_text())
    if isinstance(rows[0], dict):
        return np.array(
            [[(row[name]['x'], row[name]['y']) for name in PART_NAMES] for row in rows], np.float64
        )
    return np.array(rows, np.float64)[:, _BLAZEPOSE, :2]
