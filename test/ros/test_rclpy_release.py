"""Code that differs between releases of rclpy. The rclpy of Humble is imitated by a newer one."""

from collections.abc import Callable
import os
from pathlib import Path
import subprocess
import sys

import humble_rclpy
from lifecycle_msgs.msg import Transition
from node_services import change_state, set_parameters, state
import numpy as np
from numpy.typing import NDArray
from parameter_nodes import open_node
from patched_programs import start_patched
import pytest
from rclpy.parameter import Parameter
from reports import Reports
from ros_graph import Graph, image_message, Program
from std_msgs.msg import Empty

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.rclpy_release import call_after_setting_parameters, numbered

NOT_AVAILABLE = 'not available: this ROS release or middleware does not number messages'
StartInHumble = Callable[..., Program]


@pytest.fixture
def start_in_humble(graph: Graph, tmp_path: Path) -> StartInHumble:
    """Return a function that starts posenet_node as if rclpy were that of Humble."""

    def start(*arguments: str) -> Program:
        node = start_patched(graph, tmp_path, humble_rclpy.PATCH, *arguments)
        graph.wait_until(lambda: ' -> ' in node.output, 'the node to be ready')
        return node

    return start


def test_a_numbered_callback_receives_the_number_of_each_message(graph: Graph) -> None:
    received: list[int | None] = []
    graph.node.create_subscription(
        Empty, 'beats', numbered(lambda message, number: received.append(number)), 10
    )
    publisher = graph.node.create_publisher(Empty, 'beats', 10)
    graph.wait_until(lambda: publisher.get_subscription_count(), 'the subscription')
    for _ in range(3):
        publisher.publish(Empty())
    graph.wait_until(lambda: len(received) == 3, 'the messages')
    first = received[0]
    assert first is not None
    assert received == [first, first + 1, first + 2]


def test_a_function_is_called_with_the_parameters_that_were_set_and_not_with_refused_ones() -> (
    None
):
    with open_node() as node:
        node.declare_parameter('size', 1)
        seen: list[list[object]] = []
        call_after_setting_parameters(
            node, lambda parameters: seen.append([one.value for one in parameters])
        )
        assert node.set_parameters([Parameter('size', value=2)])[0].successful
        assert not node.set_parameters([Parameter('size', value='large')])[0].successful
        assert seen == [[2]]


@pytest.mark.usefixtures('network_075')
def test_in_humble_images_are_processed_and_the_counts_that_it_cannot_give_are_not_guessed(
    graph: Graph,
    start_in_humble: StartInHumble,
    astronaut: NDArray[np.uint8],
    network_075: PoseNet,
) -> None:
    start_in_humble()
    poses, reports = graph.collect_poses(), Reports(graph)
    sent = image_message(astronaut, second=7)
    publisher = graph.image_publisher()
    graph.publish_until(publisher, sent, lambda: poses, 'poses')
    (expected,) = PoseEstimator(network_075).estimate(astronaut)
    assert poses[0].poses[0].score == pytest.approx(expected.score)
    key = 'images replaced by newer ones'
    graph.publish_until(publisher, sent, lambda: reports.value(key) == NOT_AVAILABLE, 'a report')
    assert int(reports.value('images received')) > 0
    assert int(reports.value('images lost')) == 0


@pytest.mark.usefixtures('network_075')
def test_in_humble_a_parameter_changes_at_run_time_unless_any_callback_refuses_it(
    graph: Graph, start_in_humble: StartInHumble, astronaut: NDArray[np.uint8]
) -> None:
    start_in_humble()
    poses, publisher = graph.collect_poses(), graph.image_publisher()

    def people() -> int:
        """Return the number of people in an image that is sent now."""
        poses.clear()
        second = next(seconds)
        sent = image_message(astronaut, second=second)
        graph.publish_until(
            publisher, sent, lambda: any(one.header.stamp.sec == second for one in poses), 'poses'
        )
        return len(poses[-1].poses)

    seconds = iter(range(1, 100))
    assert people() == 1
    result = set_parameters(graph, score_threshold=2.0)
    assert not result.successful
    assert 'score_threshold' in result.reason
    # rclpy's own callback refuses the second one, after ours has accepted the first one.
    assert not set_parameters(graph, score_threshold=1.0, use_sim_time='soon').successful
    assert people() == 1
    assert set_parameters(graph, score_threshold=1.0).successful
    assert people() == 0


@pytest.mark.usefixtures('network_075')
def test_in_humble_the_node_can_be_stopped_and_started_and_ends_after_a_signal(
    graph: Graph, start_in_humble: StartInHumble
) -> None:
    node = start_in_humble()
    assert change_state(graph, Transition.TRANSITION_DEACTIVATE)
    assert state(graph) == 'inactive'
    assert change_state(graph, Transition.TRANSITION_ACTIVATE)
    assert state(graph) == 'active'
    assert node.end() == 0
    assert 'Traceback' not in node.output


def test_rollings_name_of_the_endpoints_module_is_used_where_the_other_one_is_missing(
    tmp_path: Path,
) -> None:
    program = """
import sys, types
import rclpy.node  # which imports the other name itself
import rclpy.topic_endpoint_info as known
sys.modules['rclpy.topic_endpoint_info'] = None
renamed = types.ModuleType('rclpy.endpoint_info')
renamed.TopicEndpointInfo = known.TopicEndpointInfo
sys.modules['rclpy.endpoint_info'] = renamed
import posenet_ros.ros.posenet_node
from posenet_ros.ros.rclpy_release import TopicEndpointInfo
assert TopicEndpointInfo is known.TopicEndpointInfo
"""
    done = subprocess.run(
        [sys.executable, '-c', program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_plugin_that_imitates_humble_leaves_no_files(tmp_path: Path) -> None:
    test = tmp_path / 'test_import.py'
    test.write_text(
        'import sys\ndef test_import() -> None:\n    assert "rclpy.qos_event" in sys.modules\n'
    )
    temporary = tmp_path / 'temporary'
    temporary.mkdir()
    path = os.pathsep.join([str(Path(humble_rclpy.__file__).parent), os.environ['PYTHONPATH']])
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-p', 'humble_rclpy', '-p', 'no:cacheprovider', test],
        env={
            **os.environ,
            'PYTHONPATH': path,
            'TMPDIR': str(temporary),
            'PYTEST_ADDOPTS': '',
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert not list(temporary.iterdir())
