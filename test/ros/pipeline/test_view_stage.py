"""Markers and annotated images of one camera, over real DDS."""

from dataclasses import replace
from typing import Any

from made_cameras import camera_in
import numpy as np
import pytest
from ros_graph import Graph
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.posenet.network import PoseNet
from posenet_ros.poses import Pose
from posenet_ros.ros.conversions.annotation_messages import ANNOTATIONS_TYPE
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.pipeline import view_stage
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, PublishedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.view_stage import ViewStage
from posenet_ros.ros.topics.qos import IMAGE_QOS
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)

#: uint8 RGB [height, width, 3].
PICTURE = np.zeros((120, 200, 3), np.uint8)

#: All keypoints on one line, from left to right.
POSE = Pose(
    score=0.9,
    keypoints=np.array([[10.0 + 10 * part, 30.0] for part in range(NUM_PARTS)]),
    keypoint_scores=np.linspace(0.4, 0.8, NUM_PARTS, dtype=np.float32),
)


class View:
    """The view stage of one camera, and what it publishes."""

    def __init__(self, graph: Graph, network: PoseNet) -> None:
        self._graph = graph
        self._camera = camera_in(graph, 'front')
        self._stage = ViewStage(PoseEstimator(network), ImageErrors(graph.node))

    def markers(self, settings: ImageSettings) -> list[Any]:
        """Return the markers for the pose, without the one that deletes those before."""
        received = self._graph.collect(MarkerArray, '/front/pose_markers')
        markers: list[Any] = self._publish(settings, received).markers
        return markers[1:]

    def annotated_image(self, settings: ImageSettings) -> Any:
        """Return the annotated image for the pose, uint8 RGB [height, width, 3]."""
        received = self._graph.collect(Image, '/front/image_annotated', IMAGE_QOS)
        return to_rgb(self._publish(settings, received))

    def _publish(self, settings: ImageSettings, received: list[Any]) -> Any:
        image = ConvertedImage(Header(frame_id='lens'), PICTURE, None, settings, 0.0)
        self._graph.wait_until(
            lambda: received,
            'a view',
            lambda: self._stage.process(self._camera, PublishedImage(image, [POSE])),
        )
        return received[0]

    def annotations(self, settings: ImageSettings) -> Any:
        """Return the annotations for the pose; they need foxglove_msgs."""
        received = self._graph.collect(ANNOTATIONS_TYPE, '/front/annotations')
        return self._publish(settings, received)

    def show_markers(self, infos: list[CameraInfo]) -> int:
        """Publish markers for images with these calibrations, and return how many there are."""
        received = self._graph.collect(MarkerArray, '/front/pose_markers')
        self._publish(SETTINGS, received)
        before = len(received)
        for info in infos:
            image = ConvertedImage(Header(frame_id='lens'), PICTURE, info, SETTINGS, 0.0)
            self._stage.process(self._camera, PublishedImage(image, [POSE]))
        self._graph.wait_until(lambda: len(received) - before >= len(infos), 'the markers')
        return len(received) - before


@pytest.fixture
def view(graph: Graph, network_075: PoseNet) -> View:
    return View(graph, network_075)


def test_markers_are_where_the_keypoints_are_in_an_image_that_is_not_square(view: View) -> None:
    settings = replace(SETTINGS, output=OutputSettings(marker_distance=4.0))
    (spheres,) = (marker for marker in view.markers(settings) if marker.ns == 'keypoints')
    points = [(point.x, point.y, point.z) for point in spheres.points]
    # 4 m in front of the camera, the image is 4 m wide.
    x, y = (POSE.keypoints - (99.5, 59.5)).T * 4 / 200
    np.testing.assert_allclose(points, np.stack([x, y, np.full(NUM_PARTS, 4.0)], axis=1))


@pytest.mark.parametrize(
    'drawing',
    [DrawingSettings(draw_min_pose_score=1.0), DrawingSettings(draw_min_keypoint_score=0.6)],
    ids=['people', 'keypoints'],
)
def test_markers_and_annotated_images_show_what_the_minimum_scores_let_through(
    view: View, drawing: DrawingSettings
) -> None:
    settings = replace(SETTINGS, drawing=drawing)
    shown = sum(POSE.keypoint_scores >= drawing.draw_min_keypoint_score)
    expected = shown if POSE.score >= drawing.draw_min_pose_score else 0
    spheres = [marker for marker in view.markers(settings) if marker.ns == 'keypoints']
    assert sum(len(marker.points) for marker in spheres) == expected < NUM_PARTS
    annotated = draw_poses(PICTURE, [POSE], drawing, tracked=True)
    np.testing.assert_array_equal(view.annotated_image(settings), annotated)


def test_a_view_that_fails_is_logged_and_the_others_are_published(
    view: View, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError('unexpected')

    view.markers(SETTINGS)  # somebody subscribes to them
    monkeypatch.setattr(view_stage, 'to_markers', fail)
    assert view.annotated_image(SETTINGS).shape == PICTURE.shape
    assert '/front/image: markers not published' in capfd.readouterr().err


@pytest.mark.parametrize(('tracking', 'number'), [(True, -1), (False, 0)])
def test_a_person_without_an_id_is_neutral_only_while_people_are_tracked(
    view: View, tracking: bool, number: int
) -> None:
    settings = replace(SETTINGS, tracking=TrackingSettings(tracking=tracking))
    assert {marker.id for marker in view.markers(settings)} == {number}
    annotated = draw_poses(PICTURE, [POSE], tracked=tracking)
    np.testing.assert_array_equal(view.annotated_image(settings), annotated)


@pytest.mark.skipif(
    ANNOTATIONS_TYPE is None, reason='foxglove_msgs is missing: there is no wheel of it'
)
@pytest.mark.parametrize('mirrored', [False, True])
def test_annotations_are_where_the_keypoints_are_in_the_image_that_the_camera_sends(
    view: View, mirrored: bool
) -> None:
    settings = replace(SETTINGS, poses=PoseSettings(flip_horizontal=mirrored))
    message = view.annotations(settings)
    places = POSE.keypoints
    if mirrored:
        places = np.stack([PICTURE.shape[1] - 1 - places[:, 0], places[:, 1]], axis=1)
    points = [(point.x, point.y) for point in message.points[1].points]
    np.testing.assert_allclose(points, places + 0.5)


@pytest.mark.filterwarnings('error')
def test_a_calibration_with_a_fault_is_ignored_with_one_warning(
    view: View, capfd: pytest.CaptureFixture[str]
) -> None:
    info = CameraInfo(k=[5e-324, 0.0, 100.0, 0.0, 500.0, 60.0, 0.0, 0.0, 1.0])
    assert view.show_markers([info] * 3) >= 3
    (line,) = capfd.readouterr().err.splitlines()
    assert '/front/image: camera_info is ignored: K[0] is 4.94066e-324' in line


def test_a_calibration_for_images_of_another_aspect_is_ignored_with_one_warning(
    view: View, capfd: pytest.CaptureFixture[str]
) -> None:
    matrix = [500.0, 0.0, 320.0, 0.0, 500.0, 240.0, 0.0, 0.0, 1.0]
    assert view.show_markers([CameraInfo(width=640, height=480, k=matrix)] * 3) >= 3
    (line,) = capfd.readouterr().err.splitlines()
    assert 'camera_info is ignored: the image is 200 x 120 pixels' in line
    assert 'the calibration is for 640 x 480' in line
