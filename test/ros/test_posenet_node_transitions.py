"""Transitions of posenet_node in the test's own process; those that fail undo what they did."""

from collections.abc import Iterator
from contextlib import contextmanager
import pkgutil
import threading
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
from numpy.typing import NDArray
import pytest
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from reports import Reports
from ros_graph import Graph, image_message, PATIENCE

from posenet_ros.errors import SettingError, ThreadDiedError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.ros import posenet_node
from posenet_ros.ros.pipeline import pipeline as pipeline_module
from posenet_ros.ros.pipeline.pipeline import Pipeline
from posenet_ros.ros.posenet_node import PosenetNode
from posenet_ros.ros.threads.supervised_thread import running_threads

pytestmark = pytest.mark.usefixtures('network_075')

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
CAMERAS = ('/front', '/rear')
VIEWS = ('pose_markers', 'image_annotated', 'image_annotated/compressed')
OUTPUTS = ('poses', 'poses_smoothed', *VIEWS)
INPUTS = ('image', 'camera_info')
COMMANDS = 'ros2 lifecycle set /posenet configure && ros2 lifecycle set /posenet activate'


@contextmanager
def unconfigured_node(graph: Graph, **parameters: Any) -> Iterator[PosenetNode]:
    """Run a node with two cameras that waits to be configured."""
    given = {
        'autostart': False,
        'image_topics': [f'{camera}/image' for camera in CAMERAS],
        **parameters,
    }
    make: Any = Parameter  # it has no types
    overrides = [make(name, value=value) for name, value in given.items()]
    with graph.host(
        lambda context: PosenetNode(context=context, parameter_overrides=overrides)
    ) as node:
        assert isinstance(node, PosenetNode)
        yield node


def run(node: PosenetNode, transition: str) -> TransitionCallbackReturn:
    """Run a transition, and return how it ended."""
    result: TransitionCallbackReturn = getattr(node, f'trigger_{transition}')()
    return result


def open_outputs(node: PosenetNode) -> list[str]:
    """Return the topics that the node publishes for its cameras; it knows its own at once."""
    topics = [f'{camera}/{output}' for camera in CAMERAS for output in OUTPUTS]
    return [topic for topic in topics if node.count_publishers(topic)]


def open_inputs(node: PosenetNode) -> list[str]:
    """Return the topics of its cameras that the node subscribes to."""
    topics = [f'{camera}/{name}' for camera in CAMERAS for name in INPUTS]
    return [topic for topic in topics if node.count_subscribers(topic)]


def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError('unexpected')


def test_each_transition_opens_and_closes_its_topics(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    with unconfigured_node(graph) as node:
        log = capfd.readouterr().err
        assert f'unconfigured; to start, run: {COMMANDS}' in log
        assert (open_outputs(node), open_inputs(node)) == ([], [])
        assert run(node, 'configure') == SUCCESS
        assert len(open_outputs(node)) == len(CAMERAS) * len(OUTPUTS)
        assert open_inputs(node) == []
        logged = capfd.readouterr().err
        assert 'mobilenet_v1_075, output stride 16, on CPU' in logged
        assert 'quality fast, attention whole_image' in logged
        assert run(node, 'activate') == SUCCESS
        assert len(open_inputs(node)) == len(CAMERAS) * len(INPUTS)
        log = capfd.readouterr().err
        assert all(f'{camera}/image -> {camera}/poses' in log for camera in CAMERAS)
        assert run(node, 'deactivate') == SUCCESS
        assert open_inputs(node) == []
        assert len(open_outputs(node)) == len(CAMERAS) * len(OUTPUTS)
        assert run(node, 'cleanup') == SUCCESS
        assert open_outputs(node) == []


def test_the_node_starts_by_itself_when_it_spins(graph: Graph) -> None:
    with unconfigured_node(graph, autostart=True) as node:
        assert open_outputs(node) == []
        graph.wait_until(lambda: open_inputs(node), 'the node to be active')


def test_a_transition_that_is_requested_before_the_node_spins_replaces_autostart(
    graph: Graph,
) -> None:
    reports = Reports(graph)
    with unconfigured_node(graph, autostart=True) as node:
        run(node, 'configure')
        reports.wait_for('inactive', lambda _: reports.node)
        assert open_inputs(node) == []


def test_each_transition_that_stops_something_logs_one_line(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    with unconfigured_node(graph) as node:
        run(node, 'configure')
        run(node, 'activate')
        for transition, text in [
            ('deactivate', 'deactivated: '),
            ('cleanup', 'cleaned up: '),
            ('shutdown', 'shut down: '),
        ]:
            capfd.readouterr()
            assert run(node, transition) == SUCCESS
            (line,) = capfd.readouterr().err.splitlines()
            assert '[INFO]' in line
            assert text in line


def test_diagnostics_follow_the_transitions(graph: Graph) -> None:
    reports = Reports(graph)

    def wait_for(state: str, cameras: int) -> None:
        graph.wait_until(
            lambda: (
                reports.node.message.partition(':')[0] == state
                and len(reports.names) == 1 + cameras
            ),
            f'{state} and {cameras} cameras in a report',
        )

    with unconfigured_node(graph) as node:
        wait_for('unconfigured', 0)
        run(node, 'configure')
        wait_for('inactive', 0)
        run(node, 'activate')
        wait_for('active', 2)
        run(node, 'deactivate')
        wait_for('inactive', 0)
        run(node, 'cleanup')
        wait_for('unconfigured', 0)
        run(node, 'configure')
        run(node, 'activate')
        wait_for('active', 2)


@pytest.mark.parametrize('topic', ['/front/poses', '/rear/poses', '/rear/image_annotated'])
def test_configuring_that_fails_closes_the_outputs_that_it_has_opened(
    graph: Graph, topic: str, capfd: pytest.CaptureFixture[str]
) -> None:
    override = {f'qos_overrides.{topic}.publisher.reliability': 'nonsense'}
    with unconfigured_node(graph, **override) as node:
        assert run(node, 'configure') == FAILURE
        assert open_outputs(node) == []
    log = capfd.readouterr().err
    assert f'cannot configure: qos_overrides.{topic}.publisher is refused' in log
    assert 'correct it and restart the node' in log


@pytest.mark.parametrize('topic', ['/front/image', '/rear/image', '/rear/camera_info'])
def test_activating_that_fails_closes_the_subscriptions_that_it_has_opened(
    graph: Graph, topic: str, capfd: pytest.CaptureFixture[str]
) -> None:
    override = {f'qos_overrides.{topic}.subscription.reliability': 'nonsense'}
    with unconfigured_node(graph, **override) as node:
        assert run(node, 'configure') == SUCCESS
        assert run(node, 'activate') == FAILURE
        assert open_inputs(node) == []
        assert len(open_outputs(node)) == len(CAMERAS) * len(OUTPUTS)
    log = capfd.readouterr().err
    assert f'cannot activate: qos_overrides.{topic}.subscription is refused' in log
    assert 'correct it and restart the node' in log


def test_diagnostics_show_a_setting_that_is_refused_at_the_start_if_the_executor_continues(
    graph: Graph,
) -> None:
    reports = Reports(graph)
    override = {'qos_overrides./front/image.subscription.reliability': 'nonsense'}
    with unconfigured_node(graph, autostart=True, **override) as node:
        with pytest.raises(SettingError, match='is refused'):
            graph.wait_until(lambda: open_inputs(node), 'the node to be active')
        reports.wait_for('cannot activate', lambda _: reports.node)
        assert reports.node.level == DiagnosticStatus.ERROR


def test_an_unexpected_exception_fails_a_transition_until_it_can_be_repeated(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reports = Reports(graph)
    with unconfigured_node(graph) as node:
        with monkeypatch.context() as broken:
            broken.setattr(posenet_node, 'load_estimator', fail)
            assert run(node, 'configure') == FAILURE
        reason = "cannot configure: ZeroDivisionError('unexpected')"
        log = capfd.readouterr().err
        assert f'{reason}; after fixing it, run: {COMMANDS}' in log
        reports.wait_for(reason, lambda _: reports.node)
        assert reports.node.level == DiagnosticStatus.ERROR
        assert run(node, 'configure') == SUCCESS
        reports.wait_for('inactive', lambda _: reports.node)
        assert reports.node.level == DiagnosticStatus.OK


def test_cleaning_up_after_activating_failed_removes_the_error(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = Reports(graph)
    with unconfigured_node(graph) as node:
        assert run(node, 'configure') == SUCCESS
        with monkeypatch.context() as broken:
            broken.setattr(Pipeline, 'start', fail)
            assert run(node, 'activate') == FAILURE
        reports.wait_for('cannot activate', lambda _: reports.node)
        assert run(node, 'cleanup') == SUCCESS
        reports.wait_for('unconfigured', lambda _: reports.node)
        assert reports.node.level == DiagnosticStatus.OK


def test_a_deactivation_that_raises_leads_back_to_unconfigured(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Pipeline.stop

    def stop_and_fail(pipeline: Pipeline) -> None:
        stop(pipeline)
        fail()

    with unconfigured_node(graph) as node:
        run(node, 'configure')
        run(node, 'activate')
        with monkeypatch.context() as broken:
            broken.setattr(Pipeline, 'stop', stop_and_fail)
            run(node, 'deactivate')
        assert (open_outputs(node), open_inputs(node)) == ([], [])
        assert run(node, 'configure') == SUCCESS


def test_shutting_down_closes_everything(graph: Graph) -> None:
    with unconfigured_node(graph) as node:
        run(node, 'configure')
        run(node, 'activate')
        assert run(node, 'shutdown') == SUCCESS
        assert (open_outputs(node), open_inputs(node)) == ([], [])


@pytest.mark.parametrize(
    'place',
    [
        'rclpy.lifecycle.node.LifecycleNodeMixin.__init__',
        'posenet_ros.ros.posenet_node.declare_settings',
        'posenet_ros.ros.posenet_node.Monitor',
    ],
)
def test_a_node_whose_constructor_failed_can_be_destroyed(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    owner, _, name = place.rpartition('.')
    monkeypatch.setattr(pkgutil.resolve_name(owner), name, fail)
    node: Any = PosenetNode.__new__(PosenetNode)
    with pytest.raises(ZeroDivisionError):
        node.__init__(context=graph.node.context)
    node.destroy_node()


def test_a_node_that_is_destroyed_while_active_ends_its_threads(graph: Graph) -> None:
    with unconfigured_node(graph) as node:
        run(node, 'configure')
        run(node, 'activate')
    graph.wait_until(lambda: not running_threads(), 'the end of all threads')


def test_a_thread_that_did_not_end_fails_the_deactivation_and_ends_the_node(
    graph: Graph, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, has_begun = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        has_begun.set()
        assert may_go_on.wait(PATIENCE)
        fail()

    monkeypatch.setattr(PoseEstimator, 'infer', hang)
    monkeypatch.setattr(pipeline_module, 'STOP_TIMEOUT', 0.2)
    reports = Reports(graph)
    with unconfigured_node(graph, lazy=False) as node:
        run(node, 'configure')
        run(node, 'activate')
        publisher = graph.image_publisher('/front/image')
        image = image_message(astronaut)
        graph.publish_until(publisher, image, has_begun.is_set, 'the run of the network')
        assert run(node, 'deactivate') == TransitionCallbackReturn.ERROR
        with pytest.raises(ThreadDiedError, match='posenet infer did not end'):
            graph.wait_until(lambda: False, 'the end')
        reports.wait_for('posenet infer did not end', lambda _: reports.node)
        assert reports.node.level == DiagnosticStatus.ERROR
        may_go_on.set()
