"""What the observer gets and returns: images of cameras, and the people in them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings


@dataclass(frozen=True, eq=False)
class CameraImage:
    """An image, and the attention of the camera that took it."""

    #: uint8 RGB [height, width, 3].
    pixels: NDArray[np.uint8]
    attention: CameraAttention
    #: When the image was taken and received, in seconds; see `ImageTimes`.
    stamp: float | None
    received: float

    @property
    def size(self) -> Size:
        """Return (height, width)."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass(frozen=True, eq=False)
class ObservationSettings:
    """All settings on which the people in an image depend."""

    poses: PoseSettings
    attention: AttentionSettings
    tracking: TrackingSettings


@dataclass(frozen=True)
class Work:
    """What the network processed of an image."""

    #: Whether it processed the whole image.
    searched: bool
    #: How many regions it processed.
    regions: int
    #: How many people got no region, because there were more than `max_regions`.
    left_out: int


@dataclass(frozen=True, eq=False)
class Observation:
    """The people in an image, and what the network processed to find them."""

    #: In pixels of the image.
    poses: list[Pose]
    work: Work
    #: (height, width) of the network input for the whole image.
    input_size: Size
    #: The people who got a closer look, as they were before it, and those who got none, in order.
    looked_at: list[Pose] = field(default_factory=list)
    left_out: list[Pose] = field(default_factory=list)
