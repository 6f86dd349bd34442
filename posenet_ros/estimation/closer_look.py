"""
The closer look: the network processes regions around people again.

The whole image shows where people are. A region around each of them, scaled to the size at which
the network sees people best, shows where their keypoints are. The steps for an image are

1. `search`: find people in the whole image;
2. `plan`: choose the regions to process (person_regions.py);
3. `look`: find people in these regions;
4. `combine`: decide who is in the image (combination.py).

In a video, people may be known from earlier images, and most images need no search; see
`attention/`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.combination import combine
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.person_regions import MIN_SCORE, Person, Plan, plan_looks
from posenet_ros.framing.framing import Framing
from posenet_ros.framing.region import frame_region, Region
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

# The greatest score_threshold, the minimum score of the part from which a person is decoded. The
# network is unsure of small people in the whole image, and of parts that a region shows large. If
# nobody is there, that costs a region.
_MAX_SCORE_THRESHOLD = 0.3
# At most this many poses are decoded in a region, which is around one person or a few who are
# close together. It bounds the work for an image, as all poses are compared with one another.
_MAX_IN_REGION = 6


@dataclass(frozen=True, eq=False)
class Searched:
    """The people who were found in the whole of an image."""

    #: In pixels of the image.
    poses: list[Pose]
    framing: Framing


class CloserLook:
    """Finds the poses in images by a look at the whole image, and a closer one at each person."""

    def __init__(self, estimator: PoseEstimator, *, max_batch_size: int = 1) -> None:
        """Use the network of an estimator, with up to `max_batch_size` regions in one run."""
        self.estimator = estimator
        self._max_batch_size = max_batch_size

    def estimate(
        self,
        image: NDArray[np.uint8],
        settings: PoseSettings | None = None,
        attention: AttentionSettings | None = None,
    ) -> list[Pose]:
        """
        Return the poses in a single image, uint8 RGB [height, width, 3], in pixels of that image.

        All poses score at least min_pose_score. There are up to max_pose_detections (one with the
        method single_person), the one with the highest score first. With the attention
        whole_image, this is `PoseEstimator.estimate`. Settings that are left out are those of the
        estimator, and closer_look with the defaults. Raises what `PoseEstimator.estimate` raises.
        """
        settings = settings or self.estimator.settings
        attention = attention or AttentionSettings(attention='closer_look')
        if attention.attention == 'whole_image':
            return self.estimator.estimate(image, settings)
        (searched,) = self.search([image], settings, attention)
        people = [Person(pose) for pose in searched.poses]
        plan = self.plan(people, attention, searched)
        regions = [look.region for look in plan.looks]
        found = self.look([(image, region) for region in regions], settings, attention)
        return combine(people, plan.looks, found, settings=settings)

    def search(
        self,
        images: Sequence[NDArray[np.uint8]],
        settings: PoseSettings,
        attention: AttentionSettings,
    ) -> list[Searched]:
        """Find people in the whole of images of one size, in one run of the network."""
        inferred = self.estimator.infer(images, settings) if images else []
        sensitive = _to_search(settings, attention.max_regions)
        return [
            Searched(self.estimator.decode(one, sensitive, refine=True), one.framing)
            for one in inferred
        ]

    def plan(
        self, people: Sequence[Person], attention: AttentionSettings, searched: Searched | None
    ) -> Plan:
        """
        Return the regions to process for the people in an image, the most important first.

        `searched` is what was found in the whole image, if it was searched. All regions are
        squares if the network runs best on inputs of one size, or several of them in one run.
        """
        return plan_looks(
            people,
            max_regions=attention.max_regions,
            region_size=attention.region_size,
            whole_image=searched.framing if searched else None,
            squares=self._max_batch_size > 1 or self.estimator.network.prefers_one_size,
        )

    def look(
        self,
        views: Sequence[tuple[NDArray[np.uint8], Region]],
        settings: PoseSettings,
        attention: AttentionSettings,
    ) -> list[list[Pose]]:
        """Find people in regions of images; both are in pixels of the image."""
        framings = [
            frame_region(
                (image.shape[0], image.shape[1]),
                _in_image(region, image.shape[1], settings),
                region_size=attention.region_size,
                output_stride=self.estimator.network.output_stride,
            )
            for image, region in views
        ]
        sensitive = _to_look(settings)
        found: list[list[Pose]] = []
        for start in range(0, len(views), self._max_batch_size):
            batch = slice(start, start + self._max_batch_size)
            images = [image for image, _ in views[batch]]
            for inferred in self.estimator.infer_framed(images, framings[batch]):
                found.append(self.estimator.decode(inferred, sensitive, refine=True))
        return found


@lru_cache(maxsize=16)
def _to_search(settings: PoseSettings, max_regions: int) -> PoseSettings:
    """Return settings with which the decoder finds everybody who may be worth a region."""
    return replace(
        settings,
        score_threshold=min(settings.score_threshold, _MAX_SCORE_THRESHOLD),
        max_pose_detections=max(settings.max_pose_detections, max_regions),
        min_pose_score=min(settings.min_pose_score, MIN_SCORE),
    )


@lru_cache(maxsize=16)
def _to_look(settings: PoseSettings) -> PoseSettings:
    """Return settings with which the decoder finds everybody who may be in a region."""
    return replace(
        settings,
        score_threshold=_MAX_SCORE_THRESHOLD,
        max_pose_detections=_MAX_IN_REGION,
        min_pose_score=0.0,
    )


def _in_image(region: Region, width: int, settings: PoseSettings) -> Region:
    """Return where a region that is in pixels of poses, which may be mirrored, is in the image."""
    if not settings.flip_horizontal:
        return region
    x, y = region.centre
    return replace(region, centre=(width - 1 - x, y))
