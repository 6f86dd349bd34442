"""Conversion of poses to markers for RViz."""

from collections.abc import Sequence

from geometry_msgs.msg import Point, Vector3
import numpy as np
from numpy.typing import NDArray
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.drawing.skeletons import line_width, shown_skeletons, Skeleton
from posenet_ros.poses import Pose
from posenet_ros.ros.conversions.plane_projection import PlaneProjection

# Diameter of a keypoint's sphere in limb widths: about the same proportion as in draw_poses.
_LIMBS_PER_SPHERE = 3.0


def to_markers(
    poses: Sequence[Pose],
    header: Header,
    *,
    projection: PlaneProjection,
    settings: DrawingSettings,
) -> MarkerArray:
    """
    Return markers with a skeleton for each person, on the plane of the projection.

    The first marker deletes all earlier ones. Each person then has two markers, whose id is the
    index of the person in `poses`: the limbs (namespace `limbs`, a LINE_LIST) and the keypoints
    (namespace `keypoints`, a SPHERE_LIST). They show the same people, keypoints and colours as
    `draw_poses`. Keypoints without a position on the plane are left out, and so are their limbs
    and markers without points, for which RViz would log a warning.

    Keypoints are in pixels of the image. Markers have the `header` of the image and are in metres
    in its frame, which must be the optical frame of the camera (REP 103: x to the right, y down,
    z forward).
    """
    width = line_width(projection.image_size) * projection.metres_per_pixel
    markers = [
        marker
        for skeleton in shown_skeletons(poses, settings)
        for marker in _to_markers(skeleton, header, projection, width)
        if marker.points
    ]
    return MarkerArray(markers=[Marker(header=header, action=Marker.DELETEALL), *markers])


def _to_markers(
    skeleton: Skeleton, header: Header, projection: PlaneProjection, width: float
) -> list[Marker]:
    limbs = projection.to_plane(skeleton.limbs)
    keypoints = projection.to_plane(skeleton.keypoints)
    diameter = _LIMBS_PER_SPHERE * width
    red, green, blue = (share / 255 for share in skeleton.colour)
    return [
        Marker(
            header=header,
            ns=namespace,
            id=skeleton.person,
            type=kind,
            scale=scale,
            color=ColorRGBA(r=red, g=green, b=blue, a=1.0),
            points=points,
        )
        for namespace, kind, scale, points in (
            ('limbs', Marker.LINE_LIST, Vector3(x=width), _to_points(limbs)),
            (
                'keypoints',
                Marker.SPHERE_LIST,
                Vector3(x=diameter, y=diameter, z=diameter),
                _to_points(keypoints[:, None]),
            ),
        )
    ]


def _to_points(groups: NDArray[np.float64]) -> list[Point]:
    """Return the points of each group, float64 [M, N, 3], whose points are all on the plane."""
    complete = groups[np.isfinite(groups).all(axis=(1, 2))]
    return [Point(x=x, y=y, z=z) for x, y, z in complete.reshape(-1, 3).tolist()]
