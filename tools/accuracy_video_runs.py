"""Running rows of settings on videos, for tools/accuracy.py. Output: poses, work and times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import random
import sys
import time

from accuracy_rows import Row
from accuracy_video_tracks import Clip, Video
import numpy as np
from numpy.typing import NDArray

from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.attention.observation import CameraImage, ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.estimation import (
    load_network,
    ModelSettings,
    Pose,
    PoseEstimator,
    PoseSettings,
    RuntimeSettings,
)
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.tracking import TrackingSettings

_PEOPLE = {'max_pose_detections': 20}
_CLOSER = {'attention': 'closer_look', **_PEOPLE}

#: What the time of the other rows is compared with: one small look at the whole image.
BASE = Row('257x257', {'input_size': '257x257', **_PEOPLE})
#: The default settings, and the reference for who can be found.
DEFAULT = Row('whole_0.5', {'image_scale_factor': 0.5, **_PEOPLE})
FULL_SIZE = Row('whole_1.0', {'image_scale_factor': 1.0, **_PEOPLE})
CLOSER = Row('closer_0.5', {'image_scale_factor': 0.5, **_CLOSER})
CLOSER_FULL_SIZE = Row('closer_1.0', {'image_scale_factor': 1.0, **_CLOSER})
#: For large people.
LARGE_REGIONS = Row(
    'closer_0.5_region_353', {'image_scale_factor': 0.5, 'region_size': 353, **_CLOSER}
)
VIDEO_ROWS = (BASE, DEFAULT, FULL_SIZE, CLOSER, CLOSER_FULL_SIZE)


@dataclass(frozen=True, eq=False)
class ImageRun:
    """What a row gives for one image of a video."""

    poses: Sequence[Pose]
    #: Whether the network processed the whole image, and how many regions.
    searched: bool
    regions: int
    #: From the array of the image to the poses, in milliseconds: elapsed, and of all CPUs.
    wall: float
    cpu: float


#: Runs by row, each in the order of the images.
VideoRuns = Mapping[Row, Sequence[ImageRun]]


def rows_for(video: Video) -> tuple[Row, ...]:
    """Return the rows to measure on a video."""
    return (*VIDEO_ROWS, LARGE_REGIONS) if video.large_person else VIDEO_ROWS


class _Camera:
    """A row that sees the images of a video."""

    def __init__(self, row: Row, estimator: PoseEstimator) -> None:
        self._whole = row.attention == 'whole_image'
        self._estimator = estimator
        self._settings = ObservationSettings(
            row.group(PoseSettings), row.group(AttentionSettings), TrackingSettings()
        )
        self._observer = Observer(estimator)
        self._attention = CameraAttention()

    def run(self, image: NDArray[np.uint8], stamp: float) -> ImageRun:
        """Find the people in the next image."""
        wall, cpu = time.perf_counter(), time.process_time()
        searched, regions = True, 0
        if self._whole:
            poses = self._estimator.estimate(image, self._settings.poses)
        else:
            seen = CameraImage(image, self._attention, stamp, stamp)
            (observed,) = self._observer.observe([seen], self._settings)
            poses, searched, regions = (
                observed.poses,
                observed.work.searched,
                observed.work.regions,
            )
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return ImageRun(poses, searched, regions, 1e3 * wall, 1e3 * cpu)


def run_clip(rows: Sequence[Row], clip: Clip) -> VideoRuns:
    """
    Run all rows on each image, one after the other.

    So other load on the machine affects all rows alike. Each image has another order of rows, as a
    row is slower after a run on a large input, which empties the caches. It is always the same
    order for an image. The first run of each row is not counted: it prepares the network for the
    size.
    """
    network = load_network(BASE.group(ModelSettings), BASE.group(RuntimeSettings))
    estimator = PoseEstimator(network)
    for row in rows:
        _Camera(row, estimator).run(clip.images[0], 0.0)
    turns = [(row, _Camera(row, estimator)) for row in rows]
    order = random.Random(0)
    runs: dict[Row, list[ImageRun]] = {row: [] for row in rows}
    for number, image in enumerate(clip.images):
        for row, camera in order.sample(turns, len(turns)):
            runs[row].append(camera.run(image, 1 + number / clip.rate))
        line = f'\r{clip.video.title}: {number + 1} of {len(clip.images)} images '
        print(line, end='', file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return runs
