"""The end of a posenet_node process, and its exit code."""

from pathlib import Path
import signal
import time

from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
from numpy.typing import NDArray
from patched_programs import start_patched
import pytest
from reports import Reports
from ros_graph import Graph, image_message

# Sends a signal to the process when a function is called.
_SIGNAL_AT = """
import os
import pkgutil

place = '{place}'
owner = pkgutil.resolve_name(place.rpartition('.')[0])
name = place.rpartition('.')[2]
function = getattr(owner, name)

def signal_and_call(*arguments, **keywords):
    os.kill(os.getpid(), {number})
    return function(*arguments, **keywords)

setattr(owner, name, signal_and_call)
"""

# What rclpy does since Kilted: the context destroys its nodes when it is shut down, even one whose
# constructor raised an exception.
_DESTROY_AT_THE_END = """
from rclpy.context import Context
from rclpy.node import Node

nodes, init, try_shutdown = [], Node.__init__, Context.try_shutdown

def init_and_track(self, *arguments, **keywords):
    init(self, *arguments, **keywords)
    nodes.append(self)

def destroy_and_shutdown(self):
    for node in nodes:
        node.destroy_node()
        print('destroyed', flush=True)
    try_shutdown(self)

Node.__init__, Context.try_shutdown = init_and_track, destroy_and_shutdown
"""

pytestmark = pytest.mark.usefixtures('network_075')


def test_an_unexpected_exception_at_the_start_ends_with_exit_code_1_and_its_traceback(
    graph: Graph, tmp_path: Path
) -> None:
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.ros.diagnostics import monitor\n'
        'def fail(*arguments, **keywords):\n'
        '    raise ZeroDivisionError("unexpected")\n'
        'monitor.Monitor.__init__ = fail\n',
    )
    assert node.wait() == 1
    assert 'ZeroDivisionError: unexpected' in node.output


def test_a_dead_thread_is_an_error_in_diagnostics_and_ends_the_process_with_exit_code_1(
    graph: Graph, tmp_path: Path, astronaut: NDArray[np.uint8]
) -> None:
    reports = Reports(graph)
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.estimation.estimator import PoseEstimator\n'
        'def die(*arguments):\n'
        '    raise SystemExit("killed")\n'
        'PoseEstimator.infer = die\n',
        *('-p', 'lazy:=false'),
    )
    publisher = graph.image_publisher()
    publisher.publish(image_message(astronaut))
    seen: list[DiagnosticStatus] = []

    def ended() -> bool:
        if reports.node.level == DiagnosticStatus.ERROR:
            seen.append(reports.node)
        return 'FATAL' in node.output

    graph.wait_until(ended, 'the end', lambda: publisher.publish(image_message(astronaut)))
    assert node.wait() == 1
    assert 'thread "posenet infer" died' in seen[0].message
    assert 'killed' in node.output


def test_a_thread_that_does_not_end_delays_the_end_of_the_process_by_a_few_seconds_only(
    graph: Graph, tmp_path: Path, astronaut: NDArray[np.uint8]
) -> None:
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.estimation.estimator import PoseEstimator\n'
        'import threading\n'
        'def hang(*arguments):\n'
        '    print("hanging", flush=True)\n'
        '    threading.Event().wait()\n'
        'PoseEstimator.infer = hang\n',
        *('-p', 'lazy:=false'),
    )
    publisher = graph.image_publisher()
    graph.publish_until(
        publisher, image_message(astronaut), lambda: 'hanging' in node.output, 'the hang'
    )
    start = time.monotonic()
    assert node.end() == 0
    assert time.monotonic() - start < 15  # 5 s, and more on a busy machine
    assert node.output.count('posenet infer did not end within 5 s') == 1
    assert 'Traceback' not in node.output


def test_an_unknown_ros_argument_ends_with_one_line_that_says_how_to_write_a_parameter(
    graph: Graph,
) -> None:
    node = graph.start('posenet_node', '--unknown')
    assert node.wait() == 1
    (line,) = node.output.splitlines()
    assert "'--unknown'" in line
    assert '--ros-args -p NAME:=VALUE' in line


def test_the_line_about_an_error_at_the_start_has_a_bounded_length(graph: Graph) -> None:
    source = graph.start('image_source', '-p', f'source:=/{"x" * 20_000}')
    assert source.wait() == 1
    assert 'File name too long' in source.output
    assert len(source.output) < 1000


def test_a_refused_parameter_ends_with_one_line_if_rclpy_destroys_the_node_at_the_end(
    graph: Graph, tmp_path: Path
) -> None:
    refused = ('-p', "image_topics:=['']")
    node = start_patched(graph, tmp_path, _DESTROY_AT_THE_END, *refused)
    assert node.wait() == 1
    first, last = node.output.splitlines()
    assert 'not a valid topic name' in first
    assert last == 'destroyed'


def test_an_unexpected_exception_in_a_callback_is_logged_once_and_the_node_goes_on(
    graph: Graph, tmp_path: Path
) -> None:
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.ros.diagnostics.monitor import Monitor\n'
        'report = Monitor.report\n'
        'count = 0\n'
        'def fail_three_times(*arguments):\n'
        '    global count\n'
        '    count += 1\n'
        '    if count <= 3:\n'
        '        raise ZeroDivisionError("unexpected")\n'
        '    report(*arguments)\n'
        'Monitor.report = fail_three_times\n',
    )
    reports = Reports(graph)
    graph.wait_until(lambda: reports.names, 'a report')
    assert node.output.count('ZeroDivisionError: unexpected') == 1
    assert node.end() == 0


def test_a_thread_that_died_ends_the_process_even_if_reports_fail(
    graph: Graph, tmp_path: Path, astronaut: NDArray[np.uint8]
) -> None:
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.estimation.estimator import PoseEstimator\n'
        'from posenet_ros.ros.diagnostics.monitor import Monitor\n'
        'def die(*arguments):\n'
        '    raise SystemExit("killed")\n'
        'def fail(*arguments):\n'
        '    raise ZeroDivisionError("unexpected")\n'
        'PoseEstimator.infer, Monitor.report = die, fail\n',
        *('-p', 'lazy:=false'),
    )
    publisher = graph.image_publisher()
    graph.publish_until(
        publisher, image_message(astronaut), lambda: 'FATAL' in node.output, 'the end'
    )
    assert node.wait() == 1


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=['SIGINT', 'SIGTERM'])
@pytest.mark.parametrize(
    'place',
    [
        'rclpy.node.Node.__init__',
        'posenet_ros.ros.diagnostics.monitor.Monitor.__init__',
        'posenet_ros.ros.posenet_node.load_estimator',
        'posenet_ros.ros.pipeline.pipeline.Pipeline.start',
    ],
)
def test_a_signal_while_the_node_starts_ends_it_without_a_warning(
    graph: Graph, tmp_path: Path, place: str, number: signal.Signals
) -> None:
    node = start_patched(graph, tmp_path, _SIGNAL_AT.format(place=place, number=int(number)))
    assert node.wait() == 0, node.output
    assert [line for line in node.output.splitlines() if 'INFO' not in line] == []


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=['SIGINT', 'SIGTERM'])
def test_a_model_that_is_being_loaded_delays_the_end_by_a_few_seconds_only(
    graph: Graph, tmp_path: Path, number: signal.Signals
) -> None:
    node = start_patched(
        graph,
        tmp_path,
        'import ctypes\n'
        'from posenet_ros.ros import posenet_node\n'
        'def build_an_engine(*arguments, **keywords):\n'
        '    print("building", flush=True)\n'
        '    ctypes.CDLL(None).sleep(60)\n'
        'posenet_node.load_estimator = build_an_engine\n',
    )
    graph.wait_until(lambda: 'building' in node.output, 'the model to be loaded')
    start = time.monotonic()
    assert node.end(number) == 0
    assert time.monotonic() - start < 15  # 5 s, and more on a busy machine
    lines = node.output.splitlines()
    assert len(lines) == 2
    assert 'did not end within 5 s' in lines[1]


def test_a_dead_thread_ends_the_process_with_exit_code_1_even_if_another_one_hangs(
    graph: Graph, tmp_path: Path, astronaut: NDArray[np.uint8]
) -> None:
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.estimation.estimator import PoseEstimator\n'
        'import threading\n'
        'infer = PoseEstimator.infer\n'
        'def once(*arguments):\n'
        '    PoseEstimator.infer = lambda *_: threading.Event().wait()\n'
        '    return infer(*arguments)\n'
        'def die(*arguments):\n'
        '    raise SystemExit("killed")\n'
        'PoseEstimator.infer, PoseEstimator.decode = once, die\n',
        *('-p', 'lazy:=false'),
    )
    publisher = graph.image_publisher()
    graph.publish_until(
        publisher, image_message(astronaut), lambda: 'FATAL' in node.output, 'the end'
    )
    assert node.wait() == 1
    assert 'thread "posenet publish" died' in node.output
    assert 'posenet infer did not end within 5 s' in node.output
