"""Where the skeleton of a person is shown in metres: on a plane, or where the person is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.drawing.skeletons import label_height, line_width, Skeleton
from posenet_ros.spatial.plane_projection import PlaneProjection
from posenet_ros.spatial.positions import Pose3D

Array = NDArray[np.float64]

# In metres, for a skeleton that is where the person is.
_LIMB_WIDTH, _LABEL_HEIGHT = 0.02, 0.12
# Height of the label above the highest keypoint, which is at the eyes or ears.
_ABOVE = 0.25


@dataclass(frozen=True, eq=False)
class SkeletonPlace:
    """A skeleton in metres in the optical frame; positions that are not known are NaN."""

    #: Positions of the keypoints, float64 [N, 3].
    keypoints: Array
    #: Both ends of each limb, float64 [M, 2, 3].
    limbs: Array
    #: Position of the label, float64 [3].
    label: Array
    limb_width: float
    label_height: float


def on_plane(skeleton: Skeleton, projection: PlaneProjection) -> SkeletonPlace:
    """Return a skeleton on the plane of the projection."""
    metres = projection.metres_per_pixel
    height = label_height(projection.image_size)
    x, y = skeleton.top
    return SkeletonPlace(
        projection.to_plane(skeleton.keypoints),
        projection.to_plane(skeleton.limbs),
        projection.to_plane(np.array([x, y - height])),
        limb_width=line_width(projection.image_size) * metres,
        label_height=height * metres,
    )


def in_space(skeleton: Skeleton, pose: Pose3D) -> SkeletonPlace | None:
    """Return a skeleton where the person is; None if no shown keypoint has a position."""
    keypoints = pose.positions[skeleton.parts]
    known = keypoints[np.isfinite(keypoints).all(axis=1)]
    if not len(known):
        return None
    top = known[known[:, 1].argmin()]
    return SkeletonPlace(
        keypoints,
        pose.positions[skeleton.limb_parts],
        top - (0.0, _ABOVE, 0.0),
        limb_width=_LIMB_WIDTH,
        label_height=_LABEL_HEIGHT,
    )
