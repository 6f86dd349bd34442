"""From an image to poses, without ROS."""

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
    """What a network gave for one image, and how that image was framed."""

    framing: Framing
    #: Only the network that gave it looks inside.
    outputs: Any


class PoseEstimator:
    """
    Finds the poses in images with one network.

    `settings` are those of every call that is given no settings of its own. They may be replaced
    at any time.
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

        Positions are (x, y) in pixels of the image. The method single_person always gives exactly
        one pose; multi_person gives up to max_pose_detections, the one with the highest root score
        first. Raises what `infer` raises, and HeadsError when the network gave unusable values.
        """
        settings = settings or self.settings
        (inferred,) = self.infer([image], settings)
        return self.decode(inferred, settings)

    def infer(
        self, images: Sequence[NDArray[np.uint8]], settings: PoseSettings | None = None
    ) -> list[Inferred]:
        """
        Run the network once on images of one size, uint8 RGB [height, width, 3].

        Raises SettingError when they have no pixels, ImageError when their sizes differ, and
        NetworkError when the run fails or was interrupted.
        """
        framing = self.frame((images[0].shape[0], images[0].shape[1]), settings)
        return [Inferred(framing, outputs) for outputs in self.network.infer(images, framing)]

    def decode(self, inferred: Inferred, settings: PoseSettings | None = None) -> list[Pose]:
        """Return the poses in an image that was inferred, in pixels of that image."""
        settings = settings or self.settings
        poses = self.network.decode(inferred.outputs, settings)
        return [pose.at(_to_image(pose, inferred.framing, settings)) for pose in poses]

    def frame(self, image_size: Size, settings: PoseSettings | None = None) -> Framing:
        """Return how an image of (height, width) is framed for the network."""
        return self.network.frame(image_size, settings or self.settings)

    def mirrored_as_poses(
        self, image: NDArray[np.uint8], settings: PoseSettings | None = None
    ) -> NDArray[np.uint8]:
        """
        Return the image that the poses match, which flip_horizontal mirrors.

        It shares its memory with the image, [height, width, channels].
        """
        settings = settings or self.settings
        return image[:, ::-1] if settings.flip_horizontal else image


def _to_image(pose: Pose, framing: Framing, settings: PoseSettings) -> NDArray[np.float64]:
    """Return a pose's keypoints in pixels of the image, mirrored by flip_horizontal."""
    keypoints = framing.to_image(pose.keypoints)
    if settings.flip_horizontal:
        width = framing.image_size[1]
        keypoints[:, 0] = width - 1 - keypoints[:, 0]
    return keypoints
