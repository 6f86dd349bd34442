"""Estimation of the poses in an image, without ROS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.pose_network import PoseNetwork
from posenet_ros.framing.framing import Framing, Size
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings


@dataclass(frozen=True, eq=False)
class Inferred:
    """The outputs of a network for one image, and the framing of that image."""

    framing: Framing
    #: Only the network that returned them knows their type.
    outputs: Any


class PoseEstimator:
    """
    Finds the poses in images with one network.

    `settings` apply to every call without settings of its own. They may be replaced at any time.
    """

    def __init__(self, network: PoseNetwork[Any], settings: PoseSettings | None = None) -> None:
        """Use a loaded network, with these settings or the defaults."""
        self.network = network
        self.settings = settings or PoseSettings()

    def estimate(
        self, image: NDArray[np.uint8], settings: PoseSettings | None = None
    ) -> list[Pose]:
        """
        Return the poses in an image, uint8 RGB [height, width, 3].

        Positions are (x, y) in pixels of the image. All poses score at least min_pose_score. The
        method single_person returns at most one pose; multi_person returns up to
        max_pose_detections, the one with the highest root score first. Raises what `infer` raises,
        and HeadsError if the outputs of the network cannot be decoded.
        """
        settings = settings or self.settings
        (inferred,) = self.infer([image], settings)
        return self.decode(inferred, settings)

    def infer(
        self, images: Sequence[NDArray[np.uint8]], settings: PoseSettings | None = None
    ) -> list[Inferred]:
        """
        Run the network once on images of one size, uint8 RGB [height, width, 3].

        Raises SettingError if they have no pixels, ImageError if their sizes differ, and
        NetworkError if the run fails or is interrupted.
        """
        framing = self.frame((images[0].shape[0], images[0].shape[1]), settings)
        return self.infer_framed(images, [framing] * len(images))

    def infer_framed(
        self, images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing]
    ) -> list[Inferred]:
        """
        Run the network once on images, uint8 RGB [height, width, 3], each in its own framing.

        The same image may be there several times, for example with a framing for each region of
        it. All framings must have the same input size. Raises what the network's `infer` raises.
        """
        outputs = self.network.infer(images, framings)
        return [Inferred(*pair) for pair in zip(framings, outputs, strict=True)]

    def decode(
        self, inferred: Inferred, settings: PoseSettings | None = None, *, refine: bool = False
    ) -> list[Pose]:
        """
        Return the poses in an image that was inferred, in pixels of that image.

        With `refine`, keypoints are more precise than the reference's.
        """
        settings = settings or self.settings
        poses = self.network.decode(inferred.outputs, settings, refine=refine)
        return [pose.at(_to_image(pose, inferred.framing, settings)) for pose in poses]

    def frame(self, image_size: Size, settings: PoseSettings | None = None) -> Framing:
        """Return the framing of an image of (height, width)."""
        return self.network.frame(image_size, settings or self.settings)

    def mirrored_as_poses(
        self, image: NDArray[np.uint8], settings: PoseSettings | None = None
    ) -> NDArray[np.uint8]:
        """
        Return the image mirrored as the poses are: if flip_horizontal is set.

        The result shares the memory of the image, [height, width, channels].
        """
        settings = settings or self.settings
        return image[:, ::-1] if settings.flip_horizontal else image


def _to_image(pose: Pose, framing: Framing, settings: PoseSettings) -> NDArray[np.float64]:
    """Return a pose's keypoints in pixels of the image, mirrored if flip_horizontal is set."""
    keypoints = framing.to_image(pose.keypoints)
    if settings.flip_horizontal:
        width = framing.image_size[1]
        keypoints[:, 0] = width - 1 - keypoints[:, 0]
    return keypoints
