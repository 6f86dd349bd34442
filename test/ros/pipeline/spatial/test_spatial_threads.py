"""Images and depth through the whole pipeline, in the test's own process, over real DDS."""

from collections.abc import Iterator
import threading
from typing import Any

from geometry_msgs.msg import TransformStamped
from made_cameras import camera_in
from made_depth import header_at, raw_depth
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph
from sensor_msgs.msg import CameraInfo

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.errors import SettingError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.msg import Pose3DArray
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.conversions import person_transforms
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.pipeline import Pipeline
from posenet_ros.ros.pipeline.spatial import spatial_threads
from posenet_ros.ros.pipeline.spatial.depth_buffer import ExpectedDepth, Miss
from posenet_ros.ros.pipeline.spatial.spatial_threads import SpatialSettings, SpatialThreads
from posenet_ros.ros.threads.supervised_thread import running_threads
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)
INFO = CameraInfo(width=512, height=512, k=[500.0, 0.0, 255.5, 0.0, 500.0, 255.5, 0.0, 0.0, 1.0])


class Running:
    """A running pipeline with one camera with depth, and what it publishes."""

    def __init__(self, graph: Graph, network: PoseNet, picture: NDArray[np.uint8]) -> None:
        self.graph = graph
        self.camera = camera_in(graph, 'front', depth='depth')
        self.camera.camera_info = INFO
        self.pipeline = Pipeline(
            graph.node,
            PoseEstimator(network),
            lambda: SETTINGS,
            max_batch_size=1,
            lazy=False,
            spatial=SpatialSettings(depth_max_time_difference=0.5),
        )
        self.pipeline.start([self.camera])
        self.poses = graph.collect_poses('/front/poses')
        self.positions = graph.collect(Pose3DArray, '/front/poses_3d')
        self._image = graph.image_publisher('/front/image')
        self._depth = graph.image_publisher('/front/depth')
        outputs = self.camera.outputs
        graph.wait_until(lambda: outputs.poses_3d_have_subscribers, 'the subscribers')
        self._picture = picture

    def publish(self, stamp: float, *, depth: bool = True) -> None:
        """Publish an image, with depth or without, and wait for its poses."""
        before = len(self.poses)
        if depth:
            self.publish_depth(stamp)
        self._image.publish(to_image(self._picture, header_at(stamp)))
        self.graph.wait_until(lambda: len(self.poses) > before, 'poses')

    def publish_depth(self, stamp: float, *, shape: tuple[int, int] = (512, 512)) -> None:
        self._depth.publish(raw_depth(np.full(shape, 2000, np.uint16), stamp=stamp))

    @property
    def known(self) -> list[bool]:
        """Return for each message whether the position of the nose is known."""
        noses = [one.poses[0].keypoints[0].position.z for one in self.positions]
        return [bool(np.isfinite(z)) for z in noses]

    def wait_for_positions(self, count: int) -> None:
        self.graph.wait_until(lambda: len(self.positions) >= count, f'poses_3d {count} times')


@pytest.fixture
def running(graph: Graph, network_075: PoseNet, astronaut: NDArray[np.uint8]) -> Iterator[Running]:
    made = Running(graph, network_075, astronaut)
    yield made
    made.pipeline.stop()
    made.camera.outputs.close()


def test_there_is_one_message_in_metres_for_each_pose_array_with_the_same_header_and_people(
    running: Running,
) -> None:
    for index in range(5):
        running.publish(1 + index / 30)
    running.wait_for_positions(5)
    assert [one.header for one in running.positions] == [one.header for one in running.poses]
    for pixels, metres in zip(running.poses, running.positions, strict=True):
        ids = [(pose.track_id, pose.score) for pose in pixels.poses]
        assert [(pose.track_id, pose.score) for pose in metres.poses] == ids
        nose = metres.poses[0].keypoints[0].position
        assert 1.95 < nose.z < 2.1


def test_poses_do_not_wait_for_depth(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()
    wait = ExpectedDepth.wait

    def wait_long(expected: ExpectedDepth, timeout: float) -> Any:
        assert may_go_on.wait(30)
        return wait(expected, timeout)

    monkeypatch.setattr(ExpectedDepth, 'wait', wait_long)
    for index in range(4):
        running.publish(1 + index / 30)  # waits for the poses
    assert running.positions == []
    may_go_on.set()
    running.wait_for_positions(4)
    assert [one.header for one in running.positions] == [one.header for one in running.poses]


def test_an_image_without_depth_does_not_hold_up_those_after_it(running: Running) -> None:
    running.publish(1.0, depth=False)
    running.publish(5.0)
    running.wait_for_positions(2)
    assert running.known == [False, True]
    counts = running.camera.snapshot(0.0).depth
    assert counts is not None
    assert (counts.paired, counts.all_missed) == (1, 1)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for depth for as long as it takes, so that a busy machine does not decide."""
    wait = ExpectedDepth.wait
    monkeypatch.setattr(ExpectedDepth, 'wait', lambda expected, _: wait(expected, 30.0))


@pytest.mark.usefixtures('patient')
def test_depth_that_is_late_is_paired_with_the_image_that_waits_for_it(running: Running) -> None:
    running.publish(1.0, depth=False)
    running.publish_depth(1.0)
    running.wait_for_positions(1)
    assert running.known == [True]


@pytest.mark.usefixtures('patient')
def test_depth_that_is_not_synchronized_is_paired_by_the_nearest_stamp(running: Running) -> None:
    running.publish_depth(0.9)
    running.publish(1.0, depth=False)
    running.publish_depth(1.2)
    running.wait_for_positions(1)
    assert running.known == [True]


def test_depth_is_received_between_images_while_somebody_subscribes_to_positions(
    running: Running,
) -> None:
    def publish() -> None:
        running.publish_depth(1.0)

    buffer = running.pipeline._spatial.buffer_of(running.camera)
    assert buffer is not None
    running.graph.wait_until(lambda: buffer.silence() is not None, 'depth', publish)


@pytest.mark.usefixtures('patient')
def test_after_images_and_depth_have_started_again_they_are_paired_again(
    running: Running,
) -> None:
    for stamp in (60.0, 60.033, 1.0, 1.033):
        running.publish(stamp)
    running.wait_for_positions(4)
    assert running.known == [True] * 4


@pytest.mark.usefixtures('patient')
@pytest.mark.parametrize(
    ('shape', 'known', 'missed'),
    [((256, 256), True, {}), ((256, 512), False, {'depth image refused': 1})],
)
def test_depth_of_another_size_is_scaled_if_it_has_the_same_aspect_and_refused_if_not(
    running: Running, shape: tuple[int, int], known: bool, missed: dict[str, int]
) -> None:
    running.publish_depth(1.0, shape=shape)
    running.publish(1.0, depth=False)
    running.wait_for_positions(1)
    assert running.known == [known]
    counts = running.camera.snapshot(0.0).depth
    assert counts is not None
    assert counts.missed == missed


def test_the_listener_for_the_ground_does_not_keep_the_frames_of_people(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Stands in for TFMessage, as there is no wheel of tf2_msgs.
    monkeypatch.setattr(person_transforms, 'TF_TYPE', TransformStamped)
    given: list[Any] = []
    monkeypatch.setattr(spatial_threads, 'GroundFrame', lambda *_, **named: given.append(named))
    camera = camera_in(graph, 'front', ground=True, person_frames=True)
    threads = SpatialThreads(
        graph.node,
        lambda *_: None,
        ImageErrors(graph.node),
        settings=SpatialSettings(ground_frame='map'),
    )
    threads.prepare([camera])
    assert given == [{'person_frame_prefixes': {'person_'}}]
    camera.outputs.close()


def test_images_that_are_overtaken_while_they_wait_are_counted(
    graph: Graph,
    network_075: PoseNet,
    astronaut: NDArray[np.uint8],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go_on, waiting = threading.Event(), threading.Event()

    def wait_long(*_: object) -> Any:
        waiting.set()
        assert may_go_on.wait(30)
        return Miss('late', '')

    monkeypatch.setattr(ExpectedDepth, 'wait', wait_long)
    monkeypatch.setattr(spatial_threads, '_MAX_WAITING', 1)
    running = Running(graph, network_075, astronaut)
    running.publish(1.0)
    graph.wait_until(waiting.is_set, 'the first image to wait')
    for stamp in (2.0, 3.0, 4.0):
        running.publish(stamp)
    may_go_on.set()
    running.wait_for_positions(2)
    assert [one.header.stamp.sec for one in running.positions] == [1, 4]
    counts = running.camera.snapshot(0.0).depth
    assert counts is not None
    assert counts.missed == {'image overtaken': 2, 'late': 2}
    running.pipeline.stop()
    running.camera.outputs.close()


def test_a_stopped_pipeline_has_ended_the_threads_and_unsubscribed_from_depth(
    running: Running,
) -> None:
    assert 'posenet positions' in running_threads()
    running.pipeline.stop()
    assert running.pipeline.failure is None
    assert running_threads() == []
    running.graph.wait_until(
        lambda: running.graph.node.count_subscribers('/front/depth') == 0, 'no subscription'
    )


def test_a_pipeline_without_depth_has_no_threads_for_it(
    graph: Graph, network_075: PoseNet
) -> None:
    camera = camera_in(graph, 'front')
    pipeline = Pipeline(
        graph.node, PoseEstimator(network_075), lambda: SETTINGS, max_batch_size=1, lazy=False
    )
    pipeline.start([camera])
    assert sorted(running_threads()) == ['posenet infer', 'posenet publish', 'posenet view']
    assert graph.node.count_publishers('/front/poses_3d') == 0
    pipeline.stop()
    camera.outputs.close()


def test_refused_overrides_of_a_depth_topic_name_it(
    graph: Graph, network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    graph.node.declare_parameter('qos_overrides./front/depth.subscription.depth', 0)
    with pytest.raises(SettingError, match='/front/depth'):
        Running(graph, network_075, astronaut)
