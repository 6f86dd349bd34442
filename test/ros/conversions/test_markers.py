from made_heads import standing_person
import numpy as np
from numpy.typing import NDArray
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from rclpy.time import Time
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.keypoints import PART_NAMES, SKELETON
from posenet_ros.poses import Pose
from posenet_ros.ros.conversions.markers import to_markers
from posenet_ros.spatial.camera_model import uncalibrated_camera
from posenet_ros.spatial.plane_projection import PlaneProjection
from posenet_ros.spatial.positions import unlocated

HEADER = Header(stamp=Time(seconds=12, nanoseconds=34).to_msg(), frame_id='lens')
LEFT_ELBOW = PART_NAMES.index('left_elbow')


@pytest.fixture
def projection() -> PlaneProjection:
    return PlaneProjection(uncalibrated_camera((200, 200)), 2.0)


def person(x: float = 100, *, score: float = 0.9, track_id: int = 0) -> Pose:
    scores = np.full(17, score, np.float32)
    return Pose(score, standing_person(x, 50), scores, track_id)


def markers_of(
    poses: list[Pose],
    projection: PlaneProjection,
    settings: DrawingSettings | None = None,
    *,
    tracked: bool = False,
) -> list[Marker]:
    """Return the markers of people, without the first one, which deletes the others."""
    settings = settings or DrawingSettings()
    message = to_markers(poses, HEADER, projection=projection, settings=settings, tracked=tracked)
    return list(message.markers[1:])


def positions(marker: Marker) -> NDArray[np.float64]:
    return np.array([(point.x, point.y, point.z) for point in marker.points]).reshape(-1, 3)


def test_the_first_marker_deletes_those_of_earlier_images(projection: PlaneProjection) -> None:
    settings = DrawingSettings()
    message = to_markers(
        [person()], HEADER, projection=projection, settings=settings, tracked=False
    )
    actions = [marker.action for marker in message.markers]
    assert actions == [Marker.DELETEALL, Marker.ADD, Marker.ADD]


def test_without_people_old_markers_are_only_deleted(projection: PlaneProjection) -> None:
    message = to_markers(
        [], HEADER, projection=projection, settings=DrawingSettings(), tracked=False
    )
    assert [marker.action for marker in message.markers] == [Marker.DELETEALL]


def test_every_marker_has_the_header_of_the_image(projection: PlaneProjection) -> None:
    settings = DrawingSettings()
    message = to_markers(
        [person()], HEADER, projection=projection, settings=settings, tracked=False
    )
    assert [marker.header for marker in message.markers] == [HEADER] * 3


def test_a_person_has_limbs_and_keypoints_on_the_plane(projection: PlaneProjection) -> None:
    pose = person()
    limbs, keypoints = markers_of([pose], projection)
    on_plane = projection.to_plane(pose.keypoints)
    assert (limbs.ns, limbs.type) == ('limbs', Marker.LINE_LIST)
    assert (keypoints.ns, keypoints.type) == ('keypoints', Marker.SPHERE_LIST)
    np.testing.assert_array_equal(positions(keypoints), on_plane)
    np.testing.assert_array_equal(positions(limbs), on_plane[np.array(SKELETON).ravel()])


def test_a_marker_has_the_identity_pose_in_the_frame_of_the_image(
    projection: PlaneProjection,
) -> None:
    for marker in markers_of([person()], projection):
        position, turn = marker.pose.position, marker.pose.orientation
        assert (position.x, position.y, position.z) == (0, 0, 0)
        assert (turn.x, turn.y, turn.z, turn.w) == (0, 0, 0, 1)


def test_without_tracking_the_id_is_the_index_of_the_pose(projection: PlaneProjection) -> None:
    people = [person(50), person(100, score=0.1), person(150)]
    assert [marker.id for marker in markers_of(people, projection)] == [0, 0, 2, 2]


def test_the_id_is_the_track_id_of_the_person(projection: PlaneProjection) -> None:
    people = [person(50, track_id=9), person(150, track_id=4)]
    markers = markers_of(people, projection, tracked=True)
    assert [marker.id for marker in markers] == [9, 9, 9, 4, 4, 4]


def test_people_without_a_track_id_have_negative_ids_beside_people_with_one(
    projection: PlaneProjection,
) -> None:
    people = [person(50), person(100, track_id=1), person(150)]
    markers = markers_of(people, projection, tracked=True)
    assert [marker.id for marker in markers if marker.ns == 'limbs'] == [-1, 1, -3]


def test_a_person_with_a_track_id_has_it_as_text_above_the_head(
    projection: PlaneProjection,
) -> None:
    pose = person(track_id=12)
    *_, text = markers_of([pose], projection)
    assert (text.ns, text.type, text.text) == ('ids', Marker.TEXT_VIEW_FACING, '12')
    x, y, z = projection.to_plane(pose.keypoints[:1])[0]
    place = text.pose.position
    assert (place.x, place.z) == (pytest.approx(x), z)
    assert y - 1 < place.y + text.scale.z < y
    assert (text.scale.x, text.scale.y, text.color.a) == (0, 0, 1)


def test_a_text_without_a_position_on_the_plane_is_left_out(projection: PlaneProjection) -> None:
    pose = person(track_id=12)
    pose.keypoints[:, 1] = 1e9
    assert markers_of([pose], projection) == []


@pytest.mark.parametrize('tracked', [True, False])
def test_a_person_has_the_colour_of_the_annotated_image(
    projection: PlaneProjection, tracked: bool
) -> None:
    people = [person(50), person(100, score=0.1), person(150)]
    image = draw_poses(np.zeros((200, 200, 3), np.uint8), people, tracked=tracked)
    markers = markers_of(people, projection, tracked=tracked)
    for marker, x in zip(markers[::2], (50, 150), strict=True):
        colour = marker.color
        assert colour.a == 1
        np.testing.assert_allclose([colour.r, colour.g, colour.b], image[50, x] / 255, atol=1e-6)


def test_people_below_the_score_are_left_out(projection: PlaneProjection) -> None:
    settings = DrawingSettings(draw_min_pose_score=0.5, draw_min_keypoint_score=0.0)
    assert markers_of([person(score=0.49)], projection, settings) == []
    assert len(markers_of([person(score=0.5)], projection, settings)) == 2


def test_keypoints_below_the_score_are_left_out_with_their_limbs(
    projection: PlaneProjection,
) -> None:
    pose = person()
    pose.keypoint_scores[LEFT_ELBOW] = 0.1
    limbs, keypoints = markers_of([pose], projection)
    assert len(keypoints.points) == 16
    assert len(limbs.points) == 2 * (len(SKELETON) - 2)


@pytest.mark.parametrize('far', [1e5, -1e9, 1e30, np.inf, np.nan])
def test_keypoints_without_a_position_on_the_plane_are_left_out_with_their_limbs(
    projection: PlaneProjection, far: float
) -> None:
    pose = person()
    pose.keypoints[LEFT_ELBOW] = far
    limbs, keypoints = markers_of([pose], projection)
    assert len(keypoints.points) == 16
    assert len(limbs.points) == 2 * (len(SKELETON) - 2)
    assert np.isfinite([*positions(limbs), *positions(keypoints)]).all()


def test_a_marker_without_points_is_left_out(projection: PlaneProjection) -> None:
    pose = person()
    pose.keypoint_scores[1:] = 0.0
    (keypoints,) = markers_of([pose], projection)
    assert keypoints.ns == 'keypoints'
    pose.keypoint_scores[:] = 0.0
    assert markers_of([pose], projection) == []


def test_sizes_grow_with_the_distance_and_not_with_the_resolution() -> None:
    def sizes(size: tuple[int, int], distance: float) -> list[list[float]]:
        markers = markers_of([person()], PlaneProjection(uncalibrated_camera(size), distance))
        return [[marker.scale.x, marker.scale.y, marker.scale.z] for marker in markers]

    (width, *unused), diameters = sizes((480, 640), 2)
    assert unused == [0, 0]
    assert 0 < width < min(diameters) == max(diameters) < 0.1
    np.testing.assert_allclose(sizes((480, 640), 4), 2 * np.array(sizes((480, 640), 2)))
    np.testing.assert_allclose(sizes((960, 1280), 2), sizes((480, 640), 2))


def test_people_with_known_positions_are_shown_there_and_the_others_on_the_plane(
    projection: PlaneProjection,
) -> None:
    people = [person(50, score=0.1), person(100, track_id=3), person(150)]
    nobody, somebody, unknown = unlocated(people)
    somebody.positions[:] = np.arange(51).reshape(17, 3)
    somebody.positions[LEFT_ELBOW] = np.nan
    message = to_markers(
        people,
        HEADER,
        projection=projection,
        settings=DrawingSettings(),
        tracked=False,
        positions=[nobody, somebody, unknown],
    )
    limbs, keypoints, text, *on_plane = message.markers[1:]
    known = np.delete(somebody.positions, LEFT_ELBOW, axis=0)
    np.testing.assert_array_equal(positions(keypoints), known)
    assert len(limbs.points) == 2 * (len(SKELETON) - 2)
    assert (text.text, text.pose.position.x, text.pose.position.z) == ('3', 0, 2)
    assert text.pose.position.y < 1
    assert [set(positions(marker)[:, 2]) for marker in on_plane] == [{2.0}, {2.0}]


def test_the_message_can_be_serialized(projection: PlaneProjection) -> None:
    settings = DrawingSettings()
    message = to_markers(
        [person()], HEADER, projection=projection, settings=settings, tracked=False
    )
    assert len(deserialize_message(serialize_message(message), MarkerArray).markers) == 3
