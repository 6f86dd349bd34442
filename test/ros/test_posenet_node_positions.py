"""Positions in metres from posenet_node, in a separate process, over real DDS."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from made_depth import compressed_depth, header_at, raw_depth
import numpy as np
from numpy.typing import NDArray
import pytest
from reports import Reports
from ros_graph import Graph
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from posenet_ros.msg import Pose3D, Pose3DArray
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.topics.qos import IMAGE_QOS, TF_QOS

pytestmark = pytest.mark.usefixtures('network_075')

WIDTH, HEIGHT = 640, 480
K = [500.0, 0.0, 319.5, 0.0, 500.0, 239.5, 0.0, 0.0, 1.0]
NOSE = 0


def wall(metres: float, dtype: str) -> Any:
    """Return depth that is the same everywhere: uint16 millimetres or float32 metres."""
    value = metres if dtype == 'f4' else 1000 * metres
    return np.full((HEIGHT, WIDTH), value, dtype)


class DepthCamera:
    """A camera with depth: it publishes pairs and waits for the positions of each."""

    def __init__(
        self, graph: Graph, picture: NDArray[np.uint8], *arguments: str, compressed: bool = False
    ) -> None:
        topic = '/cam/depth/compressedDepth' if compressed else '/cam/depth'
        self.program = graph.start_posenet(
            *('-p', 'image_topics:=[/cam/image_raw]', '-p', f'depth_topics:=[{topic}]'),
            # So that a busy machine does not decide which images are paired.
            *('-p', 'depth_max_time_difference:=0.5'),
            *arguments,
        )
        self.graph = graph
        self.poses = graph.collect_poses('/cam/poses')
        self.positions = graph.collect(Pose3DArray, '/cam/poses_3d')
        self.image = graph.image_publisher('/cam/image_raw')
        kind = CompressedImage if compressed else Image
        self.depth = graph.node.create_publisher(kind, topic, IMAGE_QOS)
        graph.wait_until(self.depth.get_subscription_count, 'subscriber of depth')
        self._info = graph.node.create_publisher(CameraInfo, '/cam/camera_info', IMAGE_QOS)
        graph.wait_until(self._info.get_subscription_count, 'subscriber of camera_info')
        self._stamp, self._answered = 100.0, -1
        self._picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        self._picture[:, 64:576] = picture[:HEIGHT]

    def publish_until(self, condition: Callable[[], object], what: str, depth: Any) -> None:
        """
        Publish images with depth, stamped at 30 Hz, until a condition holds.

        Each waits for the positions in the one before, or longer than any message takes: until
        the node has discovered the publishers, it does not receive everything.
        """
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1
            if len(self.positions) == self._answered and steps % 20:
                return
            self._answered = len(self.positions)
            self._stamp += 1 / 30
            self._publish(depth)

        self.graph.wait_until(condition, what, step)

    def _publish(self, depth: Any) -> None:
        header = header_at(self._stamp)
        if depth is not None:
            depth.header = header
            self.depth.publish(depth)
        self._info.publish(CameraInfo(header=header, width=WIDTH, height=HEIGHT, k=K))
        self.image.publish(to_image(self._picture, header))


def z_of_nose(message: Any) -> float:
    return float(message.poses[0].keypoints[NOSE].position.z) if message.poses else np.nan


def located(camera: DepthCamera) -> bool:
    """Return whether the last positions are known."""
    return bool(camera.positions and np.isfinite(z_of_nose(camera.positions[-1])))


@pytest.mark.parametrize('dtype', ['u2', 'f4'])
@pytest.mark.parametrize('compressed', [False, True], ids=['raw', 'compressedDepth'])
def test_people_are_located_with_every_kind_of_depth(
    graph: Graph, astronaut: NDArray[np.uint8], dtype: str, compressed: bool
) -> None:
    camera = DepthCamera(graph, astronaut, compressed=compressed)
    make = compressed_depth if compressed else raw_depth
    camera.publish_until(lambda: located(camera), 'positions', make(wall(2.5, dtype)))
    message = camera.positions[-1]
    assert z_of_nose(message) == pytest.approx(2.5, abs=0.1)
    (person, *_) = message.poses
    assert person.body_kind == Pose3D.BODY_TRUNK
    assert person.body.z == pytest.approx(2.5, abs=0.2)
    graph.wait_until(
        lambda: message.header in [one.header for one in camera.poses], 'the poses in pixels'
    )
    topic = '/cam/depth/compressedDepth' if compressed else '/cam/depth'
    assert f'depth from {topic}, positions on /cam/poses_3d' in camera.program.output


def test_at_least_99_of_100_images_are_paired_with_the_depth_of_the_same_stamp(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    camera, reports = DepthCamera(graph, astronaut), Reports(graph)
    depth = raw_depth(wall(2, 'u2'))
    camera.publish_until(lambda: located(camera), 'the first positions', depth)
    start = len(camera.positions)
    camera.publish_until(lambda: len(camera.positions) >= start + 100, 'positions', depth)
    known = [np.isfinite(z_of_nose(message)) for message in camera.positions[start:]]
    assert np.mean(known) >= 0.99
    graph.wait_until(lambda: int(reports.value('images with depth') or 0) >= 99, 'the counts')


def test_without_depth_images_positions_are_unknown_and_the_status_is_a_warning(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    camera = DepthCamera(graph, astronaut, '-p', 'depth_max_time_difference:=0.0')
    reports = Reports(graph)
    camera.publish_until(
        lambda: (
            'no positions in metres for any image: /cam/depth: no depth image'
            in reports.camera.message
        ),
        'poses',
        None,
    )
    assert len(camera.positions) > 0
    assert np.isnan(z_of_nose(camera.positions[-1]))


@pytest.mark.skipif(find_spec('tf2_ros') is not None, reason='tf2_ros is installed')
def test_a_ground_frame_without_tf2_ends_the_node_with_the_reason(graph: Graph) -> None:
    program = graph.start('posenet_node', '-p', 'ground_frame:=map')
    assert program.wait() != 0
    assert "ground_frame is 'map', but the Python package tf2_ros" in program.output


@pytest.mark.skipif(find_spec('tf2_msgs') is not None, reason='tf2_msgs is installed')
def test_frames_of_people_without_tf2_end_the_node_with_the_reason(graph: Graph) -> None:
    program = graph.start(
        'posenet_node', '-p', 'person_frames:=true', '-p', 'depth_topics:=[depth]'
    )
    assert program.wait() != 0
    assert 'person_frames is true, but the package tf2_msgs is not installed' in program.output


def test_people_with_ids_have_frames_on_tf(graph: Graph, astronaut: NDArray[np.uint8]) -> None:
    tf2 = pytest.importorskip('tf2_msgs.msg', reason='tf2_msgs is not installed; no wheel has it')
    camera = DepthCamera(graph, astronaut, '-p', 'person_frames:=true')
    received = graph.collect(tf2.TFMessage, '/tf', TF_QOS)
    depth = raw_depth(wall(2.5, 'u2'))
    camera.publish_until(lambda: received, 'the frames', depth)
    (one,) = received[0].transforms
    assert (one.header.frame_id, one.child_frame_id) == ('lens', 'person_1')
    assert one.transform.translation.z == pytest.approx(2.5, abs=0.2)
    graph.wait_until(
        lambda: one.header in [message.header for message in camera.positions], 'poses_3d'
    )


def test_a_depth_topic_too_few_ends_the_node_with_the_reason(graph: Graph) -> None:
    program = graph.start(
        'posenet_node',
        *('-p', 'image_topics:=[/a/image, /b/image]', '-p', 'depth_topics:=[/a/depth]'),
    )
    assert program.wait() != 0
    assert 'depth_topics has the length 1, but image_topics has 2' in program.output
