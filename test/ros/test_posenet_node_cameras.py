"""Two cameras of one posenet_node: each has its own calibration, markers and images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest
from reports import Reports
from ros_graph import Graph, image_message
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import MarkerArray

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

pytestmark = pytest.mark.usefixtures('network_075')

#: Two pictures of one person each: as it is, and mirrored and cropped.
CAMERAS = ('front', 'rear')
#: A short and a long focal length, in pixels.
FOCAL_LENGTHS = {'front': 100.0, 'rear': 1000.0}


class TwoCameras:
    """Publishes pictures and calibrations of two cameras, and collects the outputs of the node."""

    def __init__(self, graph: Graph, pictures: dict[str, NDArray[np.uint8]]) -> None:
        self.pictures = pictures
        graph.start_posenet(
            *('-p', 'image_topics:=[/front/image, /rear/image]'),
            *('-p', 'tracking:=false'),  # images without ids, as the library annotates them
        )
        self.poses = {name: graph.collect_poses(f'/{name}/poses') for name in CAMERAS}
        self.markers = {
            name: graph.collect(MarkerArray, f'/{name}/pose_markers') for name in CAMERAS
        }
        self.annotated = {
            name: graph.collect(Image, f'/{name}/image_annotated', IMAGE_QOS) for name in CAMERAS
        }
        self._images = {name: graph.image_publisher(f'/{name}/image') for name in CAMERAS}
        self._infos = {
            name: graph.node.create_publisher(CameraInfo, f'/{name}/camera_info', POSES_QOS)
            for name in CAMERAS
        }
        for publisher in self._infos.values():
            graph.wait_until(publisher.get_subscription_count, 'subscriber of camera_info')

    def publish(self) -> None:
        """Publish an image and a calibration for each camera."""
        for name, pixels in self.pictures.items():
            self._infos[name].publish(calibration(pixels, FOCAL_LENGTHS[name]))
            self._images[name].publish(image_message(pixels, frame=name))

    def spread(self, name: str) -> float:
        """Return the width of a camera's last markers in metres."""
        markers = self.markers[name][-1].markers if self.markers[name] else []
        points = [point.x for marker in markers for point in marker.points]
        return max(points) - min(points) if points else 0.0


def calibration(pixels: NDArray[np.uint8], focal_length: float) -> CameraInfo:
    height, width = pixels.shape[:2]
    matrix = [focal_length, 0.0, width / 2, 0.0, focal_length, height / 2, 0.0, 0.0, 1.0]
    return CameraInfo(width=width, height=height, k=matrix)


@pytest.fixture
def cameras(graph: Graph, astronaut: NDArray[np.uint8]) -> TwoCameras:
    pictures = {'front': astronaut, 'rear': np.ascontiguousarray(astronaut[:400, ::-1])}
    made = TwoCameras(graph, pictures)

    def has_all() -> bool:
        outputs: tuple[dict[str, list[Any]], ...] = (made.poses, made.markers, made.annotated)
        return all(len(output[name]) > 1 for output in outputs for name in CAMERAS)

    graph.wait_until(has_all, 'all outputs of both cameras', made.publish)
    return made


def test_each_camera_gets_the_poses_of_its_own_images(
    cameras: TwoCameras, network_075: PoseNet
) -> None:
    for name, picture in cameras.pictures.items():
        (expected,) = PoseEstimator(network_075).estimate(picture)
        for message in cameras.poses[name]:
            assert message.header.frame_id == name
            assert (message.image_height, message.image_width) == picture.shape[:2]
            (pose,) = message.poses
            assert pose.score == pytest.approx(expected.score)


def test_each_camera_gets_its_own_annotated_images(
    cameras: TwoCameras, network_075: PoseNet
) -> None:
    for name, picture in cameras.pictures.items():
        expected = draw_poses(picture, PoseEstimator(network_075).estimate(picture))
        for message in cameras.annotated[name]:
            assert message.header.frame_id == name
            np.testing.assert_array_equal(to_rgb(message), expected)


def test_the_markers_of_each_camera_follow_its_own_calibration(
    graph: Graph, cameras: TwoCameras
) -> None:
    # With the short focal length, the same pixels are ten times as far apart.
    graph.wait_until(
        lambda: cameras.spread('front') > 5 * cameras.spread('rear') > 0,
        'markers by the calibration',
        cameras.publish,
    )
    for name in CAMERAS:
        frames = {marker.header.frame_id for marker in cameras.markers[name][-1].markers}
        assert frames == {name}


def test_swapped_image_topics_swap_the_cameras_and_their_names_in_diagnostics(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    reports = Reports(graph)
    graph.start_posenet(
        *('-p', 'image_topics:=[/front/image]', '-p', 'lazy:=false'),
        *('-r', '/front/image:=/rear/image', '-r', '/rear/image:=/front/image'),
    )
    poses = graph.collect_poses('/rear/poses')
    publisher = graph.image_publisher('/rear/image')
    graph.publish_until(publisher, image_message(astronaut), lambda: poses, 'poses')
    graph.wait_until(lambda: reports.value('images processed') not in ('', '0'), 'a count')
    assert reports.camera.name == '/posenet: /rear/image'
