"""The three stages together, in the test's own process, over real DDS."""

from collections.abc import Iterator
import re
import threading
import time
from typing import Any

from made_cameras import camera_in
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph, image_message
from sensor_msgs.msg import Image

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.pipeline import inference_stage, publishing_stage, view_stage
from posenet_ros.ros.pipeline import pipeline as pipeline_module
from posenet_ros.ros.pipeline.camera_outputs import CameraOutputs
from posenet_ros.ros.pipeline.camera_statistics import CameraStatistics
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.pipeline import Pipeline
from posenet_ros.ros.threads.supervised_thread import running_threads
from posenet_ros.ros.topics.qos import IMAGE_QOS
from posenet_ros.ros.topics.sequence_numbers import SequenceNumbers
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)
#: The object and name through which each step is called.
STEPS = {
    'receive': (CameraStatistics, 'received'),
    'number': (SequenceNumbers, 'missed'),
    'convert': (inference_stage, 'to_rgb'),
    'infer': (PoseEstimator, 'infer'),
    'decode': (PoseEstimator, 'decode'),
    'publish': (CameraOutputs, 'publish_poses'),
    'latency': (publishing_stage, 'stamp_latency'),
    'count': (CameraStatistics, 'processed'),
    'find viewers': (publishing_stage, 'has_viewers'),
    'view': (view_stage, 'draw_poses'),
}

#: What is logged about an image for which a step fails. It is also refused, unless its poses were
#: published before.
LOGGED = {
    **dict.fromkeys(('convert', 'infer', 'decode', 'publish'), '/front/image: image dropped'),
    **dict.fromkeys(('receive', 'number'), 'a message could not be received or processed'),
    **dict.fromkeys(('latency', 'count', 'find viewers'), 'an image was not processed completely'),
    'view': '/front/image: annotated image not published',
}


class Running:
    """A running pipeline with one camera, and what it publishes."""

    def __init__(self, graph: Graph, network: PoseNet, picture: NDArray[np.uint8]) -> None:
        self.graph = graph
        self.camera = camera_in(graph, 'front')
        self.pipeline = Pipeline(
            graph.node, PoseEstimator(network), lambda: SETTINGS, max_batch_size=1, lazy=False
        )
        self.pipeline.start([self.camera])
        self.poses = graph.collect_poses('/front/poses')
        self.annotated = graph.collect(Image, '/front/image_annotated', IMAGE_QOS)
        self._publisher = graph.image_publisher('/front/image')
        self._image = image_message(picture)

    def publish_until(self, condition: Any, what: str) -> None:
        self.graph.publish_until(self._publisher, self._image, condition, what)


@pytest.fixture
def running(graph: Graph, network_075: PoseNet, astronaut: NDArray[np.uint8]) -> Iterator[Running]:
    made = Running(graph, network_075, astronaut)
    yield made
    made.pipeline.stop()
    made.camera.outputs.close()


def break_once(
    monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> list[BaseException]:
    """Make a step raise the next time it is called; returns a list that is empty afterwards."""
    owner, name = STEPS[step]
    original = getattr(owner, name)
    errors = [error]

    def broken(*arguments: Any, **keywords: Any) -> Any:
        if errors:
            raise errors.pop()
        return original(*arguments, **keywords)

    monkeypatch.setattr(owner, name, broken)
    return errors


@pytest.mark.parametrize('step', STEPS)
def test_an_unexpected_exception_in_a_step_is_logged_and_counted_and_ends_no_thread(
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    step: str,
) -> None:
    running.publish_until(lambda: running.annotated, 'a first annotated image')
    errors = break_once(monkeypatch, step, ZeroDivisionError('unexpected'))
    running.publish_until(lambda: not errors, f'{step} to fail')
    poses, annotated = len(running.poses), len(running.annotated)
    running.publish_until(
        lambda: len(running.poses) > poses + 1 and len(running.annotated) > annotated + 1,
        'poses and annotated images afterwards',
    )
    assert running.pipeline.failure is None
    assert re.search(rf'{LOGGED[step]}: Traceback(.*\n)*ZeroDivisionError', capfd.readouterr().err)
    refused = running.camera.statistics.snapshot(0.0).refused
    assert refused == (1 if 'dropped' in LOGGED[step] else 0)


@pytest.mark.parametrize(
    ('step', 'thread'),
    [('infer', 'posenet infer'), ('publish', 'posenet publish'), ('view', 'posenet view')],
)
def test_a_thread_that_dies_is_the_failure_of_the_pipeline(
    running: Running, monkeypatch: pytest.MonkeyPatch, step: str, thread: str
) -> None:
    running.publish_until(lambda: running.annotated, 'a first annotated image')
    break_once(monkeypatch, step, SystemExit('killed'))
    running.publish_until(lambda: running.pipeline.failure, 'the thread to die')
    assert f'thread "{thread}" died' in str(running.pipeline.failure)


def test_a_stopped_pipeline_has_ended_all_threads_and_no_longer_publishes(
    running: Running,
) -> None:
    running.publish_until(lambda: running.poses, 'poses')
    running.pipeline.stop()
    assert running.pipeline.failure is None
    running.graph.wait_until(lambda: not running_threads(), 'the end of all threads')
    running.graph.wait_until(
        lambda: running.graph.node.count_subscribers('/front/image') == 0, 'no subscription'
    )


def test_stopping_names_a_thread_that_does_not_end_in_time_and_ignores_its_errors(
    running: Running, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    may_go_on, has_begun = threading.Event(), threading.Event()

    def hang(*_: object, **_options: object) -> None:
        has_begun.set()
        assert may_go_on.wait(30)
        raise ZeroDivisionError('it went on')

    monkeypatch.setattr(PoseEstimator, 'infer', hang)
    monkeypatch.setattr(pipeline_module, 'STOP_TIMEOUT', 0.2)
    running.publish_until(has_begun.is_set, 'the run of the network')
    started = time.monotonic()
    running.pipeline.stop()
    assert time.monotonic() - started < 10
    assert running.pipeline.failure == 'posenet infer did not end within 0 s'
    may_go_on.set()
    running.graph.wait_until(lambda: not running_threads(), 'its end')
    assert 'it went on' not in capfd.readouterr().err
    assert running.camera.statistics.snapshot(0.0).refused == 0


def test_a_pipeline_that_was_never_started_can_be_stopped(
    graph: Graph, network_075: PoseNet
) -> None:
    pipeline = Pipeline(
        graph.node, PoseEstimator(network_075), lambda: SETTINGS, max_batch_size=1, lazy=False
    )
    pipeline.stop()
    assert pipeline.failure is None


def test_stopping_ends_every_thread_even_if_another_one_hangs(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, has_begun = threading.Event(), threading.Event()

    def hang(*_: object, **_options: object) -> None:
        has_begun.set()
        assert may_go_on.wait(30)

    monkeypatch.setattr(view_stage, 'draw_poses', hang)
    monkeypatch.setattr(pipeline_module, 'STOP_TIMEOUT', 0.5)
    running.publish_until(has_begun.is_set, 'the hang')
    running.pipeline.stop()
    assert running.pipeline.failure == 'posenet view did not end within 0 s'
    may_go_on.set()


def test_images_of_several_cameras_go_through_the_network_together_up_to_the_maximum(
    graph: Graph,
    network_075: PoseNet,
    astronaut: NDArray[np.uint8],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go_on, runs = threading.Event(), []
    infer = PoseEstimator.infer

    def infer_later(self: PoseEstimator, images: Any, settings: Any) -> Any:
        runs.append(len(images))
        assert may_go_on.wait(30)
        return infer(self, images, settings)

    monkeypatch.setattr(PoseEstimator, 'infer', infer_later)
    cameras = [camera_in(graph, name) for name in ('front', 'rear')]
    pipeline = Pipeline(
        graph.node, PoseEstimator(network_075), lambda: SETTINGS, max_batch_size=2, lazy=False
    )
    pipeline.start(cameras)
    front, rear = (graph.image_publisher(camera.name) for camera in cameras)
    seen = [graph.collect(Image, camera.name, IMAGE_QOS) for camera in cameras]
    image = image_message(astronaut)
    graph.publish_until(front, image, lambda: runs and seen[0], 'a first run')
    rear_image = image_message(astronaut, second=2)
    graph.publish_until(rear, rear_image, lambda: seen[1], 'an image of the other camera')
    seen[0].clear()
    graph.publish_until(front, image, lambda: seen[0], 'a second image of the first camera')
    may_go_on.set()
    graph.wait_until(lambda: 2 in runs, 'a run of two images')
    pipeline.stop()
    for camera in cameras:
        camera.outputs.close()
