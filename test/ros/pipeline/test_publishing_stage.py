from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from builtin_interfaces.msg import Time
from made_cameras import camera_in
from made_poses import pose_at
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from posenet_ros.boxes import box_of
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.msg import PoseArray
from posenet_ros.posenet.network import PoseNet
from posenet_ros.poses import Pose
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, InferredImage, PublishedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.publishing_stage import PublishingStage
from posenet_ros.ros.pipeline.snapshot import Snapshot
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking import tracked_camera
from posenet_ros.tracking.people import Found, gather
from posenet_ros.tracking.tracked_camera import TrackedCamera
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)


class Play(Protocol):
    """Publishes the poses in a picture five times, and returns the images to view."""

    def __call__(
        self, camera: Camera, tracking: TrackingSettings, *, period: float = 0.1, stamp: int = 1
    ) -> list[PublishedImage]:
        """Receive images with a period; the stamp of the first is in seconds, or 0 for all."""


Stage = Callable[[Camera, Time], tuple[Snapshot, list[PublishedImage]]]


def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError('unexpected')


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
            locate=fail,
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
    monkeypatch.setattr(camera.outputs, 'publish_poses', fail)
    seen, _ = publish(camera, Time())
    assert (seen.processed, seen.refused, seen.last_refusal) == (0, 1, 'unexpected')


@pytest.fixture
def play(graph: Graph, network_075: PoseNet, astronaut: NDArray[np.uint8]) -> Play:
    """Return a function that publishes the poses in a picture five times, 0.1 s apart."""
    estimator = PoseEstimator(network_075)
    (inferred,) = estimator.infer([astronaut], SETTINGS.poses)

    def run(
        camera: Camera, tracking: TrackingSettings, *, period: float = 0.1, stamp: int = 1
    ) -> list[PublishedImage]:
        viewed: list[PublishedImage] = []
        stage = PublishingStage(
            estimator,
            graph.node.get_clock(),
            lambda _, image: viewed.append(image),
            ImageErrors(graph.node),
            locate=fail,
        )
        for step in range(5):
            header = Header(stamp=Time(sec=stamp, nanosec=step * 10**8 if stamp else 0))
            settings = replace(SETTINGS, tracking=tracking)
            image = ConvertedImage(header, astronaut, None, settings, period * step)
            stage.process(camera, InferredImage(image, inferred))
        return viewed

    return run


def subscribe(graph: Graph, camera: Camera, topic: str, kind: type = PoseArray) -> list[Any]:
    received = graph.collect(kind, topic)
    full_name = graph.node.resolve_topic_name(topic)
    graph.wait_until(lambda: graph.node.count_publishers(full_name), 'the publisher')
    graph.wait_until(lambda: camera.outputs.has_subscribers, 'the subscriber')
    return received


def ids(messages: list[PoseArray]) -> list[int]:
    return [pose.track_id for message in messages for pose in message.poses]


def test_poses_have_ids(graph: Graph, play: Play) -> None:
    camera = camera_in(graph, 'front')
    poses = subscribe(graph, camera, '/front/poses')
    play(camera, TrackingSettings())
    graph.wait_until(lambda: len(poses) == 5, 'poses')
    assert ids(poses) == [0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ('stamp', 'period', 'expected'),
    [
        (1, 100.0, [0, 0, 1, 1, 1]),
        (0, 0.1, [0, 0, 1, 1, 1]),
        (0, 100.0, [0, 0, 0, 0, 0]),
    ],
    ids=['stamped', 'without stamps', 'without stamps and rare'],
)
def test_people_age_by_the_stamps_or_without_stamps_by_reception(
    graph: Graph, play: Play, stamp: int, period: float, expected: list[int]
) -> None:
    camera = camera_in(graph, 'front')
    poses = subscribe(graph, camera, '/front/poses')
    play(camera, TrackingSettings(), period=period, stamp=stamp)
    graph.wait_until(lambda: len(poses) == 5, 'poses')
    assert ids(poses) == expected


def test_without_tracking_all_ids_are_0(graph: Graph, play: Play) -> None:
    camera = camera_in(graph, 'front')
    poses = subscribe(graph, camera, '/front/poses')
    play(camera, TrackingSettings(tracking=False))
    graph.wait_until(lambda: len(poses) == 5, 'poses')
    assert ids(poses) == [0] * 5


@pytest.mark.parametrize('smoothing', [True, False])
def test_smoothed_poses_are_published_for_a_subscriber_whatever_the_views_show(
    graph: Graph, play: Play, smoothing: bool
) -> None:
    camera = camera_in(graph, 'front')
    smoothed = subscribe(graph, camera, '/front/poses_smoothed')
    play(camera, TrackingSettings(smoothing=smoothing))
    graph.wait_until(lambda: len(smoothed) == 5, 'smoothed poses')
    assert ids(smoothed) == [0, 0, 1, 1, 1]


def test_the_boxes_of_smoothed_poses_are_those_of_the_smoothed_keypoints(
    graph: Graph, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = pose_at(300)
    monkeypatch.setattr(TrackedCamera, 'smooth', lambda *_: [elsewhere])
    camera = camera_in(graph, 'front')
    smoothed = subscribe(graph, camera, '/front/poses_smoothed')
    play(camera, TrackingSettings())
    graph.wait_until(lambda: smoothed, 'smoothed poses')
    (pose,), box = smoothed[0].poses, box_of(elsewhere, (512, 512))
    assert box is not None
    assert (pose.x_min, pose.y_max) == pytest.approx((box.x_min, box.y_max))


def test_nothing_is_smoothed_while_nobody_wants_it(
    graph: Graph, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(TrackedCamera, 'smooth', calls.append)
    camera = camera_in(graph, 'front')
    poses = subscribe(graph, camera, '/front/poses')
    play(camera, TrackingSettings())
    graph.wait_until(lambda: len(poses) == 5, 'poses')
    assert calls == []


@pytest.mark.parametrize('smoothing', [True, False])
def test_views_show_smoothed_poses_if_smoothing_is_on(
    graph: Graph, play: Play, monkeypatch: pytest.MonkeyPatch, smoothing: bool
) -> None:
    monkeypatch.setattr(TrackedCamera, 'smooth', lambda *_: [])
    camera = camera_in(graph, 'front')
    subscribe(graph, camera, '/front/pose_markers', MarkerArray)
    viewed = play(camera, TrackingSettings(smoothing=smoothing))
    assert [len(image.poses) for image in viewed] == [0 if smoothing else 1] * 5


def test_if_tracking_fails_poses_are_published_without_ids_and_a_warning_says_so(
    graph: Graph,
    play: Play,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(TrackedCamera, 'track', fail)
    camera = camera_in(graph, 'front')
    poses = subscribe(graph, camera, '/front/poses')
    smoothed = subscribe(graph, camera, '/front/poses_smoothed')
    graph.wait_until(lambda: camera.outputs.smoothed_poses_have_subscribers, 'the subscriber')
    play(camera, TrackingSettings())
    graph.wait_until(lambda: len(poses) == len(smoothed) == 5, 'poses')
    assert ids(poses) == ids(smoothed) == [0] * 5
    assert 'poses published without ids' in capfd.readouterr().err


def test_no_id_is_given_twice_after_tracking_failed_once(
    graph: Graph, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def fail_in_the_fourth_image(poses: Sequence[Pose]) -> Found:
        calls.append(poses)
        if len(calls) == 4:
            fail()
        return gather(poses)

    monkeypatch.setattr(tracked_camera, 'gather', fail_in_the_fourth_image)
    camera = camera_in(graph, 'front')
    poses = subscribe(graph, camera, '/front/poses')
    play(camera, TrackingSettings(track_min_hits=1))
    graph.wait_until(lambda: len(poses) == 5, 'poses')
    assert ids(poses) == [1, 1, 1, 0, 2]


def test_if_smoothing_fails_poses_are_published_and_shown_and_a_warning_says_so(
    graph: Graph,
    play: Play,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(TrackedCamera, 'smooth', fail)
    camera = camera_in(graph, 'front')
    subscribe(graph, camera, '/front/pose_markers', MarkerArray)
    viewed = play(camera, TrackingSettings())
    assert [image.poses[0].track_id for image in viewed] == [0, 0, 1, 1, 1]
    assert camera.statistics.snapshot(0.0).processed == 5
    assert 'smoothed poses not published' in capfd.readouterr().err
