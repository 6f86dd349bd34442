"""What one run of `posenet estimate` does with each image, from any input."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.attention.person_follower import PersonFollower
from posenet_ros.cli.estimation.annotations import AnnotatedFiles
from posenet_ros.cli.estimation.outputs import Outputs
from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.poses import Pose
from posenet_ros.tracking import TrackingSettings
from posenet_ros.videos.frames import FrameSelection

Image = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Job:
    """The settings of a run, and where results go."""

    estimator: PoseEstimator
    quality: str
    attention: AttentionSettings
    tracking: TrackingSettings
    #: Whether people are followed through single images.
    track: bool
    #: Images per second, for single images that are tracked and for numbered images.
    rate: float
    selection: FrameSelection
    outputs: Outputs
    #: None without annotated copies.
    annotated: AnnotatedFiles | None

    def new_follower(self) -> PersonFollower:
        """Return what follows people through one video or through the single images."""
        return PersonFollower(self.estimator, attention=self.attention, tracking=self.tracking)

    def result(
        self,
        source: str,
        image: Image,
        poses: list[Pose],
        *,
        moment: Moment | None,
        tracked: bool,
    ) -> ImageResult:
        """Return the result for an image, uint8 RGB [height, width, 3], and its poses."""
        size = image.shape[0], image.shape[1]
        return ImageResult(
            source,
            moment=moment,
            image_size=size,
            quality=self.quality,
            model=self.estimator.network.model,
            output_stride=self.estimator.network.output_stride,
            input_size=self.estimator.frame(size).input_size,
            poses=poses,
            tracked=tracked,
        )

    def draw(self, image: Image, poses: Sequence[Pose], *, tracked: bool) -> Image:
        """Return a copy of an image, mirrored if its poses are, with skeletons on it."""
        return draw_poses(self.estimator.mirrored_as_poses(image), poses, tracked=tracked)
