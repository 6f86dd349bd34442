"""The end of a posenet_node process, and its exit code."""

from pathlib import Path
import time

from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
from numpy.typing import NDArray
from patched_programs import start_patched
import pytest
from reports import Reports
from ros_graph import Graph, image_message

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


def test_an_unexpected_exception_while_a_thread_hangs_ends_with_exit_code_1(
    graph: Graph, tmp_path: Path, astronaut: NDArray[np.uint8]
) -> None:
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.estimation.estimator import PoseEstimator\n'
        'from posenet_ros.ros.diagnostics.monitor import Monitor\n'
        'import threading\n'
        'hanging = threading.Event()\n'
        'def hang(*arguments):\n'
        '    hanging.set()\n'
        '    threading.Event().wait()\n'
        'PoseEstimator.infer = hang\n'
        'report = Monitor.report\n'
        'def fail(*arguments):\n'
        '    if hanging.is_set():\n'
        '        raise ZeroDivisionError("unexpected")\n'
        '    report(*arguments)\n'
        'Monitor.report = fail\n',
        *('-p', 'lazy:=false'),
    )
    publisher = graph.image_publisher()
    graph.publish_until(
        publisher, image_message(astronaut), lambda: 'unexpected' in node.output, 'the exception'
    )
    assert node.wait() == 1


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
