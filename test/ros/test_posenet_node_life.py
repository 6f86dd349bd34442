"""Start, states and end of posenet_node in a process of its own, over real DDS."""

from pathlib import Path
import shutil
import signal

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph, image_message
from sensor_msgs.msg import Image

from posenet_ros.ros.topics import IMAGE_QOS
from posenet_ros.weights import store

pytestmark = pytest.mark.usefixtures('network_075')


@pytest.mark.parametrize(
    ('arguments', 'complaint'),
    [
        (['-p', 'image_topics:=[/a/left, /a/right]'], 'are in one namespace'),
        (['-p', 'image_topics:=[/image, image]'], 'are in one namespace'),
        (['-p', 'image_topics:=/image'], "image_topics is '/image', expected"),
        (['-p', 'image_topics:=[]'], 'image_topics is empty'),
        (['-p', 'image_topics:=[1, 2]'], 'image_topics is'),
        (['-p', 'image_topics:=[bad topic!]'], "image_topics 'bad topic!' is refused by ROS"),
        (['-p', 'image_topics:=[/a/image_annotated]'], 'is published by this node itself'),
        (['-p', 'score_threshold:=1.5'], 'score_threshold is 1.5, choose 0.0 to 1.0'),
        (['-p', 'score_threshold:=high'], "score_threshold is 'high', expected"),
        (['-p', 'decoding_method:=many'], "decoding_method is 'many', choose one of"),
        (['-p', 'output_stride:=32'], 'mobilenet_v1_075 has no output stride 32; it has 8, 16'),
        (['-p', 'input_size:=257'], "input_size is '257', expected"),
        (
            ['-p', 'qos_overrides./diagnostics.publisher.reliability:=nonsense'],
            'qos_overrides./diagnostics.publisher is refused',
        ),
        (['-p', 'max_pose_detections:=0'], 'max_pose_detections is 0, choose 1 to 100'),
    ],
)
def test_a_parameter_that_is_not_allowed_ends_the_node_with_one_line(
    graph: Graph, arguments: list[str], complaint: str
) -> None:
    node = graph.start('posenet_node', *arguments)
    assert node.wait() == 1
    assert complaint in node.output
    assert len(node.output.splitlines()) == 1


def change_state(graph: Graph, transition: int) -> bool:
    """Ask for a transition, and return whether it succeeded."""
    request = ChangeState.Request(transition=Transition(id=transition))
    return bool(graph.call(ChangeState, 'posenet/change_state', request).success)


def state(graph: Graph) -> str:
    """Return the name of the node's state."""
    answer = graph.call(GetState, 'posenet/get_state', GetState.Request())
    return str(answer.current_state.label)


def test_the_node_comes_up_active_by_itself(graph: Graph) -> None:
    graph.start_posenet()
    assert state(graph) == 'active'


def test_without_autostart_each_transition_does_its_part(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start('posenet_node', '-p', 'autostart:=false')
    answers = graph.collect_poses()
    assert state(graph) == 'unconfigured'
    assert 'output stride' not in node.output
    assert change_state(graph, Transition.TRANSITION_CONFIGURE)
    assert 'output stride' in node.output
    assert state(graph) == 'inactive'
    publisher = graph.node.create_publisher(Image, 'image_raw', IMAGE_QOS)
    assert publisher.get_subscription_count() == 0
    assert change_state(graph, Transition.TRANSITION_ACTIVATE)
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: answers, 'poses')
    assert change_state(graph, Transition.TRANSITION_DEACTIVATE)
    graph.wait_until(lambda: publisher.get_subscription_count() == 0, 'images to be let go of')
    assert change_state(graph, Transition.TRANSITION_CLEANUP)
    assert state(graph) == 'unconfigured'
    assert node.end() == 0


@pytest.mark.parametrize('by_way_of_unconfigured', [False, True])
def test_a_node_that_was_deactivated_can_be_activated_again(
    graph: Graph, astronaut: NDArray[np.uint8], by_way_of_unconfigured: bool
) -> None:
    graph.start_posenet()
    answers = graph.collect_poses()
    image = image_message(astronaut)
    publisher = graph.image_publisher()
    for _ in range(2):
        answers.clear()
        graph.publish_until(publisher, image, lambda: answers, 'poses')
        assert change_state(graph, Transition.TRANSITION_DEACTIVATE)
        if by_way_of_unconfigured:
            assert change_state(graph, Transition.TRANSITION_CLEANUP)
            assert change_state(graph, Transition.TRANSITION_CONFIGURE)
        assert change_state(graph, Transition.TRANSITION_ACTIVATE)


@pytest.mark.parametrize('end', ['/poses.publisher', '/image_raw.subscription'])
def test_a_quality_that_does_not_exist_is_said_and_leaves_the_node_ready_to_try_again(
    graph: Graph, end: str
) -> None:
    node = graph.start('posenet_node', '-p', f'qos_overrides.{end}.reliability:=nonsense')
    graph.wait_until(lambda: 'cannot ' in node.output, 'the complaint')
    assert state(graph) == ('unconfigured' if 'publisher' in end else 'inactive')
    assert node.end() == 0


def test_a_missing_model_leaves_the_node_unconfigured_until_it_is_there(
    graph: Graph, tmp_path: Path
) -> None:
    models = store.models_folder()
    node = graph.start('posenet_node', environment={'POSENET_HOME': str(tmp_path)})
    graph.wait_until(lambda: 'cannot configure' in node.output, 'the complaint')
    assert 'posenet download mobilenet_v1_075' in node.output
    assert 'ros2 lifecycle set /posenet configure' in node.output
    assert state(graph) == 'unconfigured'
    assert not change_state(graph, Transition.TRANSITION_CONFIGURE)
    (tmp_path / 'models').symlink_to(models)
    assert change_state(graph, Transition.TRANSITION_CONFIGURE)
    assert change_state(graph, Transition.TRANSITION_ACTIVATE)
    assert node.end() == 0


def test_a_broken_model_leaves_the_node_unconfigured_and_names_the_remedy(
    graph: Graph, tmp_path: Path
) -> None:
    model = tmp_path / 'models' / 'mobilenet_v1_075'
    shutil.copytree(store.models_folder() / 'mobilenet_v1_075', model)
    broken = model / 'stride16.onnx'
    content = bytearray(broken.read_bytes())
    content[2_000_000:2_001_000] = bytes(1000)  # in the middle of the weights
    broken.write_bytes(content)
    node = graph.start('posenet_node', environment={'POSENET_HOME': str(tmp_path)})
    graph.wait_until(lambda: 'cannot configure' in node.output, 'the complaint')
    assert 'broken file, stride16.onnx' in node.output
    assert 'posenet download mobilenet_v1_075' in node.output
    assert node.end() == 0
    assert 'Traceback' not in node.output


@pytest.mark.parametrize('with_signal', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('busy', [False, True], ids=['no image yet', 'busy'])
def test_a_signal_ends_the_node_cleanly(
    graph: Graph, astronaut: NDArray[np.uint8], with_signal: signal.Signals, busy: bool
) -> None:
    node = graph.start_posenet()
    if busy:
        answers = graph.collect_poses()
        image = image_message(astronaut)
        publisher = graph.image_publisher()
        graph.publish_until(publisher, image, lambda: answers, 'poses')
        for _ in range(5):
            publisher.publish(image)
    assert node.end(with_signal) == 0, node.output
    assert 'Traceback' not in node.output


def test_a_signal_ends_the_node_in_the_middle_of_a_long_inference(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet(
        *('-p', 'input_size:=2048x2048', '-p', 'output_stride:=8', '-p', 'lazy:=false')
    )
    publisher = graph.image_publisher()
    reports = graph.collect(DiagnosticArray, '/diagnostics')

    def received() -> bool:
        values = {one.key: one.value for one in reports[-1].status[1].values} if reports else {}
        return bool(values) and values['images received'] != '0'

    image = image_message(astronaut)
    graph.publish_until(publisher, image, received, 'an image to be received')
    publisher.publish(image)
    assert node.end() == 0, node.output
    assert 'Traceback' not in node.output


def test_two_signals_end_the_node_as_cleanly_as_one(graph: Graph) -> None:
    node = graph.start_posenet()
    node.send(signal.SIGINT)
    assert node.end(signal.SIGINT) == 0
    assert 'Traceback' not in node.output


@pytest.mark.parametrize(
    'arguments', [['-p', 'foo'], ['--params-file', '/nowhere.yaml'], ['-p', 'use_sim_time:=abc']]
)
def test_arguments_that_ros_refuses_end_the_node_with_a_message(
    graph: Graph, arguments: list[str]
) -> None:
    node = graph.start('posenet_node', *arguments)
    assert node.wait() == 1
    assert arguments[-1].rpartition(':=')[2] in node.output
    assert 'Traceback' not in node.output
