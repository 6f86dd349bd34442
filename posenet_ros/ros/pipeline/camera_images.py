"""An image on its path through the pipeline: what each step passes to the next."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from posenet_ros.estimation.estimator import Inferred
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.ros.pipeline.image_settings import ImageSettings

ImageMessage: TypeAlias = 'Image | CompressedImage'


@dataclass(frozen=True, eq=False)
class ReceivedImage:
    """An image message as it was received, with the camera's calibration at that time."""

    message: ImageMessage
    camera_info: CameraInfo | None
    #: When it was received, on the monotonic clock, in seconds.
    received: float


@dataclass(frozen=True, eq=False)
class ConvertedImage:
    """The pixels of a received image, and the settings that apply to it."""

    header: Header
    #: uint8 RGB [height, width, 3].
    pixels: NDArray[np.uint8]
    camera_info: CameraInfo | None
    settings: ImageSettings
    #: When it was received, on the monotonic clock, in seconds.
    received: float

    @property
    def size(self) -> Size:
        """Return (height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass(frozen=True, eq=False)
class InferredImage:
    """A converted image, with the outputs of the network and the framing of the image."""

    image: ConvertedImage
    inferred: Inferred


@dataclass(frozen=True, eq=False)
class PublishedImage:
    """A converted image whose poses have been published."""

    image: ConvertedImage
    #: The poses to show: in pixels of the image, smoothed if the settings say so.
    poses: list[Pose]
