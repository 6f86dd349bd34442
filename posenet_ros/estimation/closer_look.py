"""
The closer look: the network processes regions around people again.

The whole image shows where people are. A region around each of them, scaled up to the size at
which the network sees people best, shows where their keypoints are. For one image:

    people = closer_look.decode(whole_image, ...)    everybody who may be in the image
    looks = plan_looks(people, ...)                  the regions around them (person_regions.py)
    regions = closer_look.infer(image, looks, ...)   runs the network on each region
    found = [closer_look.decode(region, ...) for region in regions]
    poses = combine(people, looks, found, ...)       who is in the image (combination.py)

In a video, `people` may instead be predicted from earlier images.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.combination import combine
from posenet_ros.estimation.estimator import Inferred, PoseEstimator
from posenet_ros.estimation.person_regions import plan_looks, PlannedLook
from posenet_ros.framing.region import frame_region, Region
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

# The greatest score_threshold, the minimum score of the part from which a person is decoded. The
# network is unsure of small people in the whole image, and of parts that a region shows large. If
# nobody is there, that costs a region.
_MAX_SCORE_THRESHOLD = 0.3


class CloserLook:
    """
    Finds the poses in images by a look at the whole image, and a closer one at each person.

    Its methods may be called from any thread, like those of the estimator. Settings that are left
    out are those of the estimator, and the defaults of `AttentionSettings`.
    """

    def __init__(self, estimator: PoseEstimator) -> None:
        """Use the network of an estimator."""
        self.estimator = estimator

    def estimate(
        self,
        image: NDArray[np.uint8],
        settings: PoseSettings | None = None,
        attention: AttentionSettings | None = None,
    ) -> list[Pose]:
        """
        Return the poses in an image, uint8 RGB [height, width, 3], in pixels of that image.

        The method single_person always returns one pose; multi_person returns up to
        max_pose_detections, the one with the highest score first. With the attention whole_image,
        this is `PoseEstimator.estimate`. Raises what that method raises.
        """
        settings = settings or self.estimator.settings
        attention = attention or AttentionSettings()
        if attention.attention == 'whole_image':
            return self.estimator.estimate(image, settings)
        (whole,) = self.estimator.infer([image], settings)
        people = self.decode(whole, settings, attention)
        looks = plan_looks(people, max_regions=attention.max_regions, whole_image=whole.framing)
        regions = self.infer(image, looks, settings, attention)
        found = [self.decode(region, settings, attention) for region in regions]
        max_people = settings.max_pose_detections
        return combine(people, looks, found, measured=True, max_people=max_people)

    def infer(
        self,
        image: NDArray[np.uint8],
        looks: Sequence[PlannedLook],
        settings: PoseSettings,
        attention: AttentionSettings,
    ) -> list[Inferred]:
        """
        Run the network on the region of each look at an image, uint8 RGB [height, width, 3].

        Raises what `PoseEstimator.infer_framed` raises.
        """
        height, width = image.shape[:2]
        inferred = []
        for look in looks:
            framing = frame_region(
                (height, width),
                _in_image(look.region, width, settings),
                region_size=attention.region_size,
                output_stride=self.estimator.network.output_stride,
            )
            inferred += self.estimator.infer_framed([image], [framing])
        return inferred

    def decode(
        self, inferred: Inferred, settings: PoseSettings, attention: AttentionSettings
    ) -> list[Pose]:
        """
        Return the poses in a region, or in the whole image, in pixels of the image.

        There may be more of them than settings allow for the result, and some may be nobody.
        """
        sensitive = replace(
            settings,
            score_threshold=min(settings.score_threshold, _MAX_SCORE_THRESHOLD),
            max_pose_detections=max(settings.max_pose_detections, attention.max_regions),
        )
        return self.estimator.decode(inferred, sensitive, refine=True)


def _in_image(region: Region, width: int, settings: PoseSettings) -> Region:
    """Return a region where poses are, which may be mirrored, where it is in the image."""
    if not settings.flip_horizontal:
        return region
    x, y = region.centre
    return replace(region, centre=(width - 1 - x, y))
