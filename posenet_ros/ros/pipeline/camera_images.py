"""An image on its path through the pipeline: what each step passes to the next."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from posenet_ros.attention.observation import Observation
from posenet_ros.estimation.estimator import Inferred
from posenet_ros.framing.framing import Size
from posenet_ros.messages.stamps import nanoseconds_of, stamp_of
from posenet_ros.poses import Pose
from posenet_ros.ros.pipeline.image_settings import ImageSettings
from posenet_ros.ros.pipeline.spatial.depth_buffer import ExpectedDepth
from posenet_ros.spatial.positions import Pose3D

# Seconds. A higher latency means that the stamp comes from another clock.
_MAX_LATENCY = 3600.0

ImageMessage: TypeAlias = 'Image | CompressedImage'


@dataclass(frozen=True, eq=False)
class ReceivedImage:
    """An image message as it was received, with the camera's calibration at that time."""

    message: ImageMessage
    camera_info: CameraInfo | None
    #: When it was received, on the monotonic clock, in seconds.
    received: float
    #: Its depth image; None if the camera has no depth, or nobody subscribed to positions.
    depth: ExpectedDepth | None = None


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
    #: Its depth image; None if the camera has no depth, or nobody subscribed to positions.
    depth: ExpectedDepth | None = None

    @property
    def size(self) -> Size:
        """Return (height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def nanoseconds(self) -> int:
        """Return the stamp in nanoseconds; it may be negative."""
        return nanoseconds_of(self.header)

    @property
    def stamp(self) -> float | None:
        """Return the stamp in seconds; None if there is none."""
        return stamp_of(self.header)


@dataclass(frozen=True, eq=False)
class InferredImage:
    """A converted image, with what the network found in it."""

    image: ConvertedImage
    #: The outputs for the whole image, to be decoded; or the poses, after a closer look.
    found: Inferred | Observation

    @property
    def input_size(self) -> Size:
        """Return the (height, width) of the network input for the whole image."""
        if isinstance(self.found, Observation):
            return self.found.input_size
        return self.found.framing.input_size


@dataclass(frozen=True, eq=False)
class PublishedImage:
    """A converted image whose poses have been published."""

    image: ConvertedImage
    #: The poses to show: in pixels of the image, smoothed if the settings say so.
    poses: list[Pose]
    #: Their positions in metres, in the same order; empty if the camera has no poses_3d.
    positions: list[Pose3D] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class UnlocatedImage:
    """An image whose poses have been published, but not yet poses_3d."""

    image: ConvertedImage
    #: The published poses, in pixels of the image.
    poses: list[Pose]
    #: When they were published, on the monotonic clock, in seconds.
    published: float
    #: The image as it is viewed afterwards; None if nobody views it.
    viewed: PublishedImage | None


def stamp_latency(stamp: int, published: int) -> float | None:
    """
    Return the seconds from an image's stamp to publishing, both in nanoseconds of the ROS clock.

    Returns None if the latency is not known: if the stamp is zero or negative, or if the latency
    would be negative or over an hour, because the stamp comes from another clock.
    """
    latency = (published - stamp) / 1e9
    return latency if stamp > 0 and 0 <= latency <= _MAX_LATENCY else None
