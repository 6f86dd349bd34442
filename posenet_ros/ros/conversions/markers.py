"""Conversion of poses to markers for RViz."""

from collections.abc import Sequence

from geometry_msgs.msg import Point, Vector3
import numpy as np
from numpy.typing import NDArray
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.drawing.skeletons import shown_skeletons, Skeleton
from posenet_ros.poses import Pose
from posenet_ros.ros.conversions.skeleton_places import in_space, on_plane, SkeletonPlace
from posenet_ros.spatial.plane_projection import PlaneProjection
from posenet_ros.spatial.positions import Pose3D

# Diameter of a keypoint's sphere in limb widths: about the same proportion as in draw_poses.
_LIMBS_PER_SPHERE = 3.0


def to_markers(
    poses: Sequence[Pose],
    header: Header,
    *,
    projection: PlaneProjection,
    settings: DrawingSettings,
    tracked: bool,
    positions: Sequence[Pose3D] = (),
) -> MarkerArray:
    """
    Return markers with a skeleton for each person.

    `positions` are those of the people in the same order, or empty. People with known positions
    are shown there, and all others on the plane of the projection.

    The first marker deletes all earlier ones. Each person then has up to three markers: the limbs
    (namespace `limbs`, a LINE_LIST), the keypoints (namespace `keypoints`, a SPHERE_LIST) and the
    track id above the head (namespace `ids`, a TEXT_VIEW_FACING). The id of a marker is
    `Skeleton.number`: if people are `tracked`, the track id of the person, or a negative number
    without one. The markers show the same people, keypoints and colours as `draw_poses`. Keypoints
    without a position, or without one on the plane, are left out, and so are their limbs and
    markers without points, for which RViz would log a warning.

    Keypoints are in pixels of the image. Markers have the `header` of the image and are in metres
    in its frame, which must be the optical frame of the camera (REP 103: x to the right, y down,
    z forward).
    """
    markers: list[Marker] = []
    for skeleton in shown_skeletons(poses, settings, tracked=tracked):
        place = in_space(skeleton, positions[skeleton.index]) if positions else None
        place = place or on_plane(skeleton, projection)
        markers += _to_markers(skeleton, header, place) + _to_labels(skeleton, header, place)
    return MarkerArray(markers=[Marker(header=header, action=Marker.DELETEALL), *markers])


def _to_markers(skeleton: Skeleton, header: Header, place: SkeletonPlace) -> list[Marker]:
    """Return the markers of a person's limbs and keypoints, without those without points."""
    diameter = _LIMBS_PER_SPHERE * place.limb_width
    return [
        Marker(
            header=header,
            ns=namespace,
            id=skeleton.number,
            type=kind,
            scale=scale,
            color=_colour(skeleton),
            points=points,
        )
        for namespace, kind, scale, points in (
            ('limbs', Marker.LINE_LIST, Vector3(x=place.limb_width), _to_points(place.limbs)),
            (
                'keypoints',
                Marker.SPHERE_LIST,
                Vector3(x=diameter, y=diameter, z=diameter),
                _to_points(place.keypoints[:, None]),
            ),
        )
        if points
    ]


def _to_labels(skeleton: Skeleton, header: Header, place: SkeletonPlace) -> list[Marker]:
    """Return the marker of a person's id, or none if there is no id or no place for it."""
    if not skeleton.label or not np.isfinite(place.label).all():
        return []
    marker = Marker(
        header=header,
        ns='ids',
        id=skeleton.number,
        type=Marker.TEXT_VIEW_FACING,
        scale=Vector3(z=place.label_height),
        color=_colour(skeleton),
        text=skeleton.label,
    )
    (marker.pose.position,) = _to_points(place.label[None, None])
    return [marker]


def _colour(skeleton: Skeleton) -> ColorRGBA:
    red, green, blue = (share / 255 for share in skeleton.colour)
    return ColorRGBA(r=red, g=green, b=blue, a=1.0)


def _to_points(groups: NDArray[np.float64]) -> list[Point]:
    """Return the points of each group, float64 [M, N, 3], whose points are all known."""
    complete = groups[np.isfinite(groups).all(axis=(1, 2))]
    return [Point(x=x, y=y, z=z) for x, y, z in complete.reshape(-1, 3).tolist()]
