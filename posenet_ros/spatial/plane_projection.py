"""
Projection of pixels onto a plane in front of the camera.

A single camera cannot measure how far away a person is. So every keypoint is projected onto a
plane that faces the camera, at a distance that the user chooses. The projection of a pixel is the
point where the ray through that pixel meets the plane.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Size
from posenet_ros.spatial.camera_model import CameraModel


@dataclass(frozen=True, eq=False)
class PlaneProjection:
    """The mapping from pixels of a camera's images to the plane that faces the camera."""

    camera: CameraModel
    #: Distance from the camera to the plane, in metres.
    distance: float

    @property
    def image_size(self) -> Size:
        """Return (height, width) of the images in pixels."""
        return self.camera.image_size

    @property
    def metres_per_pixel(self) -> float:
        """Return the width of a pixel on the plane, in metres, at the optical axis."""
        return self.distance / self.camera.focal_length

    def to_plane(self, keypoints: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Map (x, y) in pixels of the image, float64 [..., 2], to (x, y, z), float64 [..., 3].

        The points are in metres in the camera's optical frame, with z = distance. All three are
        NaN for a pixel without a ray (see `CameraModel.to_rays`).
        """
        return self.camera.to_rays(keypoints) * self.distance
