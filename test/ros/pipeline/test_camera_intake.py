from collections.abc import Iterator
import threading
import time

from made_cameras import camera_in
import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy
from ros_graph import Graph
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import MarkerArray

from posenet_ros.errors import SettingError
from posenet_ros.msg import Pose3DArray, PoseArray
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ReceivedImage
from posenet_ros.ros.pipeline.camera_intake import CameraIntake
from posenet_ros.ros.pipeline.snapshot import Snapshot
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer
from posenet_ros.ros.threads.receiver import Receiver
from posenet_ros.ros.topics.qos import IMAGE_QOS

PATIENCE = 30.0


class Intake:
    """The intake of a camera, with a receiver that records what it receives."""

    def __init__(self, graph: Graph, *, lazy: bool, depth: DepthBuffer | None = None) -> None:
        self.graph = graph
        self.received: list[tuple[Camera, ReceivedImage]] = []
        self.camera = camera_in(graph, 'front', depth='depth' if depth else '')
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._receiver: Receiver[Camera, ReceivedImage] = Receiver(
            graph.node, 'test', self._process
        )
        self._intake = CameraIntake(
            graph.node, self.camera, self._receiver, lazy=lazy, depth=depth
        )

    def _process(self, batch: list[tuple[Camera, ReceivedImage]]) -> None:
        self.received.extend(batch)
        assert self.may_go_on.wait(PATIENCE)

    def start(self) -> None:
        self._receiver.start()

    def close(self) -> None:
        self.may_go_on.set()
        self._receiver.begin_stop()
        assert self._receiver.finish_stop(PATIENCE)
        self._intake.close()
        self.camera.outputs.close()

    @property
    def counts(self) -> Snapshot:
        return self.camera.statistics.snapshot(0.0)


@pytest.fixture
def intake(graph: Graph) -> Iterator[Intake]:
    made = Intake(graph, lazy=False)
    yield made
    made.close()


@pytest.fixture
def lazy_intake(graph: Graph) -> Iterator[Intake]:
    made = Intake(graph, lazy=True)
    yield made
    made.close()


def test_images_that_newer_ones_replaced_in_the_middleware_are_counted(
    graph: Graph, intake: Intake
) -> None:
    publisher = graph.image_publisher('/front/image')
    best_effort = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
    seen = graph.collect(Image, '/front/image', best_effort)
    graph.wait_until(lambda: publisher.get_subscription_count() == 2, 'both subscriptions')
    intake.start()
    intake.may_go_on.clear()
    publisher.publish(Image())
    graph.wait_until(lambda: intake.received, 'the first image')
    for _ in range(4):  # all of them arrive while the first one is being processed
        publisher.publish(Image())
    graph.wait_until(lambda: len(seen) == 5, 'the other images')
    intake.may_go_on.set()
    graph.wait_until(lambda: len(intake.received) == 2, 'the newest image')
    assert (intake.counts.received, intake.counts.replaced) == (5, 3)


def test_a_lazy_intake_only_counts_images_while_nobody_subscribes(
    graph: Graph, lazy_intake: Intake
) -> None:
    publisher = graph.image_publisher('/front/image')
    lazy_intake.start()
    graph.publish_until(publisher, Image(), lambda: lazy_intake.counts.skipped, 'a skipped image')
    assert lazy_intake.received == []
    graph.node.create_subscription(PoseArray, '/front/poses', lambda _: None, 10)
    graph.publish_until(publisher, Image(), lambda: lazy_intake.received, 'a received image')


def test_depth_is_kept_for_images_only_while_somebody_subscribes_to_positions(
    graph: Graph,
) -> None:
    intake = Intake(graph, lazy=False, depth=DepthBuffer(0.01))
    publisher = graph.image_publisher('/front/image')
    intake.start()
    graph.publish_until(publisher, Image(), lambda: intake.received, 'an image')
    assert all(image.depth is None for _, image in intake.received)
    graph.node.create_subscription(Pose3DArray, '/front/poses_3d', lambda _: None, 10)
    graph.publish_until(
        publisher, Image(), lambda: intake.received[-1][1].depth, 'an image with depth'
    )
    intake.close()


def test_an_image_carries_the_time_of_its_reception(graph: Graph, intake: Intake) -> None:
    images = graph.image_publisher('/front/image')
    intake.start()
    before = time.monotonic()
    images.publish(Image())
    graph.wait_until(lambda: intake.received, 'an image')
    assert before <= intake.received[0][1].received <= time.monotonic()


def test_an_image_carries_the_last_calibration_received_before_it(
    graph: Graph, intake: Intake
) -> None:
    images = graph.image_publisher('/front/image')
    calibration = graph.node.create_publisher(CameraInfo, '/front/camera_info', IMAGE_QOS)
    intake.start()
    images.publish(Image())
    graph.wait_until(lambda: intake.received, 'an image')
    assert intake.received[0][1].camera_info is None
    graph.collect(MarkerArray, '/front/pose_markers')

    def publish() -> None:
        calibration.publish(CameraInfo(width=640))
        images.publish(Image())

    def has_calibration() -> bool:
        info = intake.received[-1][1].camera_info
        return info is not None and info.width == 640

    graph.wait_until(has_calibration, 'an image with calibration', publish)


def test_a_closed_intake_has_no_subscriptions(graph: Graph) -> None:
    intake = Intake(graph, lazy=False)
    topics = (intake.camera.topics.image, intake.camera.topics.camera_info)
    graph.wait_until(
        lambda: all(topic.subscriptions(graph.node) for topic in topics), 'subscriptions'
    )
    intake.close()
    graph.wait_until(
        lambda: not any(topic.subscriptions(graph.node) for topic in topics), 'their end'
    )


def test_a_refused_subscription_leaves_no_other_one_open(graph: Graph) -> None:
    name = 'qos_overrides./front/camera_info.subscription.reliability'
    graph.node.declare_parameter(name, 'nonsense')
    with pytest.raises(SettingError, match='camera_info'):
        Intake(graph, lazy=False)
    graph.wait_until(
        lambda: graph.node.count_subscribers('/front/image') == 0, 'no subscription to be left'
    )


def test_the_calibration_is_kept_when_the_node_is_activated_again(graph: Graph) -> None:
    first = Intake(graph, lazy=False)
    calibration = graph.node.create_publisher(CameraInfo, '/front/camera_info', IMAGE_QOS)
    seen = graph.collect(CameraInfo, '/front/camera_info', IMAGE_QOS)
    graph.wait_until(lambda: calibration.get_subscription_count() == 2, 'both subscriptions')
    graph.publish_until(calibration, CameraInfo(width=640), lambda: seen, 'the calibration')
    first.close()
    assert first.camera.camera_info is not None


def test_a_new_intake_starts_the_statistics_again(graph: Graph) -> None:
    camera = camera_in(graph, 'front')
    camera.statistics.received(time.monotonic())
    receiver: Receiver[Camera, ReceivedImage] = Receiver(graph.node, 'test', lambda _: None)
    intake = CameraIntake(graph.node, camera, receiver, lazy=False)
    seen = camera.statistics.snapshot(time.monotonic())
    assert (seen.received, seen.since_last_image) == (1, None)
    receiver.begin_stop()
    receiver.finish_stop(PATIENCE)
    intake.close()
    camera.outputs.close()
