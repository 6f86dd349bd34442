from collections.abc import Callable

from builtin_interfaces.msg import Time
from made_cameras import camera_in
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.msg import PoseArray
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, InferredImage, PublishedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.publishing_stage import PublishingStage
from posenet_ros.ros.pipeline.snapshot import Snapshot
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    tracking=TrackingSettings(),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)

Stage = Callable[[Camera, Time], tuple[Snapshot, list[PublishedImage]]]


@pytest.fixture
def publish(graph: Graph, network_075: PoseNet, astronaut: NDArray[np.uint8]) -> Stage:
    """Return a function that publishes a picture's poses; it returns statistics and views."""
    estimator = PoseEstimator(network_075)
    (inferred,) = estimator.infer([astronaut], SETTINGS.poses)

    def run(camera: Camera, stamp: Time) -> tuple[Snapshot, list[PublishedImage]]:
        viewed: list[PublishedImage] = []
        stage = PublishingStage(
            estimator,
            graph.node.get_clock(),
            lambda _, image: viewed.append(image),
            ImageErrors(graph.node),
        )
        image = ConvertedImage(Header(stamp=stamp), astronaut, None, SETTINGS, 0.0)
        stage.process(camera, InferredImage(image, inferred))
        return camera.statistics.snapshot(0.0), viewed

    return run


def test_a_processed_image_is_counted_with_its_people_and_its_input_size(
    graph: Graph, publish: Stage
) -> None:
    seen, _ = publish(camera_in(graph, 'front'), Time())
    assert (seen.processed, seen.people, seen.input_size) == (1, 1, (241, 241))


@pytest.mark.parametrize('sec', [-1, -(2**31), 0, 2**31 - 1])
def test_an_image_without_a_known_latency_is_still_processed(
    graph: Graph, publish: Stage, sec: int
) -> None:
    camera = camera_in(graph, 'front')
    received = graph.collect_poses('/front/poses')
    graph.wait_until(lambda: camera.outputs.has_subscribers, 'the subscriber')
    publish(camera, Time(sec=sec))
    graph.wait_until(lambda: received, 'poses')
    assert received[0].header.stamp.sec == sec
    assert camera.statistics.snapshot(0.0).latency_median is None


def test_an_image_is_viewed_only_while_somebody_subscribes_to_a_view(
    graph: Graph, publish: Stage
) -> None:
    camera = camera_in(graph, 'front')
    _, viewed = publish(camera, Time())
    assert viewed == []
    graph.collect(MarkerArray, '/front/pose_markers')
    graph.wait_until(lambda: camera.outputs.markers_have_subscribers, 'the subscriber')
    _, viewed = publish(camera, Time())
    assert [len(image.poses) for image in viewed] == [1]


def test_an_image_whose_poses_cannot_be_published_is_counted_as_refused(
    graph: Graph, publish: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = camera_in(graph, 'front')

    def fail(message: PoseArray) -> None:
        raise ZeroDivisionError('unexpected')

    monkeypatch.setattr(camera.outputs, 'publish_poses', fail)
    seen, _ = publish(camera, Time())
    assert (seen.processed, seen.refused, seen.last_refusal) == (0, 1, 'unexpected')
