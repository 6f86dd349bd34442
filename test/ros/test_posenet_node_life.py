"""Start, states and end of posenet_node in a separate process, over real DDS."""

from collections.abc import Callable
from pathlib import Path
import shutil
import signal
import time

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import GetState
from node_services import change_state, set_parameters, state
import numpy as np
from numpy.typing import NDArray
import pytest
from reports import Reports
from ros_graph import Graph, image_message, open_graph, Program
from sensor_msgs.msg import Image

from posenet_ros.inference.machine.nvidia import find_driver
from posenet_ros.posenet.weights import store
from posenet_ros.ros.topics.qos import IMAGE_QOS

pytestmark = pytest.mark.usefixtures('network_075')


@pytest.mark.parametrize(
    ('arguments', 'error'),
    [
        (['-p', 'image_topics:=[/a/left, /a/right]'], 'would both publish'),
        (['-p', 'image_topics:=[/image, image]'], 'would both publish'),
        (['-p', 'image_topics:=[/image, /image]'], 'would both publish'),
        (['-p', 'image_topics:=bad topic!'], "image_topics has 'bad topic!'"),
        (['-p', 'image_topics:=[]'], 'image_topics is empty'),
        (['-p', 'image_topics:=[1, 2]'], 'image_topics is'),
        (
            ['-p', 'image_topics:=[bad topic!]'],
            "image_topics has 'bad topic!', which is not a valid topic name",
        ),
        (['-p', 'image_topics:=[/a/image_annotated]'], 'which this node publishes itself'),
        (['-p', 'score_threshold:=1.5'], 'score_threshold is 1.5; choose 0.0 to 1.0'),
        (['-p', 'score_threshold:=high'], "score_threshold is 'high', expected"),
        (['-p', 'decoding_method:=many'], "decoding_method is 'many'; choose one of"),
        (['-p', 'output_stride:=32'], 'mobilenet_v1_075 has no output stride 32; it has 8, 16'),
        (['-p', 'input_size:=257'], "input_size is '257', expected"),
        (
            ['-p', 'qos_overrides./diagnostics.publisher.reliability:=nonsense'],
            'qos_overrides./diagnostics.publisher is refused',
        ),
        (['-p', 'max_pose_detections:=0'], 'max_pose_detections is 0; choose 1 to 100'),
    ],
)
def test_the_node_exits_with_one_line_if_a_parameter_is_not_allowed(
    graph: Graph, arguments: list[str], error: str
) -> None:
    node = graph.start('posenet_node', *arguments)
    assert node.wait() == 1
    assert error in node.output
    assert len(node.output.splitlines()) == 1


def test_the_node_activates_itself_by_default(graph: Graph) -> None:
    graph.start_posenet()
    assert state(graph) == 'active'


def test_without_autostart_each_transition_has_its_effect(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start('posenet_node', '-p', 'autostart:=false')
    poses = graph.collect_poses()
    assert state(graph) == 'unconfigured'
    assert 'output stride' not in node.output
    assert change_state(graph, Transition.TRANSITION_CONFIGURE)
    assert 'output stride' in node.output
    assert state(graph) == 'inactive'
    # The graph discovers subscriptions in order: the one to /clock after those to images.
    assert set_parameters(graph, use_sim_time=True).successful
    graph.wait_until(
        lambda: graph.node.count_subscribers('/clock'), 'the node to subscribe to /clock'
    )
    assert graph.node.count_subscribers('image_raw') == 0
    publisher = graph.node.create_publisher(Image, 'image_raw', IMAGE_QOS)
    assert change_state(graph, Transition.TRANSITION_ACTIVATE)
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: poses, 'poses')
    assert change_state(graph, Transition.TRANSITION_DEACTIVATE)
    graph.wait_until(
        lambda: publisher.get_subscription_count() == 0, 'the subscription to be gone'
    )
    assert change_state(graph, Transition.TRANSITION_CLEANUP)
    assert state(graph) == 'unconfigured'
    assert node.end() == 0


def test_the_node_can_be_managed_as_nav2_does(graph: Graph) -> None:
    graph.start('posenet_node', '-p', 'autostart:=false')
    # What its lifecycle_manager requests at startup, pause, resume, reset and shutdown. After each
    # request it checks the id of the state.
    for transition, goal in [
        (Transition.TRANSITION_CONFIGURE, State.PRIMARY_STATE_INACTIVE),
        (Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_ACTIVE),
        (Transition.TRANSITION_DEACTIVATE, State.PRIMARY_STATE_INACTIVE),
        (Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_ACTIVE),
        (Transition.TRANSITION_DEACTIVATE, State.PRIMARY_STATE_INACTIVE),
        (Transition.TRANSITION_CLEANUP, State.PRIMARY_STATE_UNCONFIGURED),
        (Transition.TRANSITION_CONFIGURE, State.PRIMARY_STATE_INACTIVE),
        (Transition.TRANSITION_CLEANUP, State.PRIMARY_STATE_UNCONFIGURED),
        (Transition.TRANSITION_UNCONFIGURED_SHUTDOWN, State.PRIMARY_STATE_FINALIZED),
    ]:
        assert change_state(graph, transition)
        response = graph.call(GetState, 'posenet/get_state', GetState.Request())
        assert response.current_state.id == goal


@pytest.mark.parametrize('by_way_of_unconfigured', [False, True])
def test_a_node_that_was_deactivated_can_be_activated_again(
    graph: Graph, astronaut: NDArray[np.uint8], by_way_of_unconfigured: bool
) -> None:
    graph.start_posenet()
    poses = graph.collect_poses()
    image = image_message(astronaut)
    publisher = graph.image_publisher()
    for _ in range(2):
        poses.clear()
        graph.publish_until(publisher, image, lambda: poses, 'poses')
        assert change_state(graph, Transition.TRANSITION_DEACTIVATE)
        if by_way_of_unconfigured:
            assert change_state(graph, Transition.TRANSITION_CLEANUP)
            assert change_state(graph, Transition.TRANSITION_CONFIGURE)
        assert change_state(graph, Transition.TRANSITION_ACTIVATE)


def test_cleaning_up_closes_the_outputs(graph: Graph) -> None:
    graph.start_posenet()
    views = ('pose_markers', 'image_annotated', 'image_annotated/compressed')
    outputs = ('poses', 'poses_smoothed', *views)
    count = graph.node.count_publishers
    graph.wait_until(lambda: all(count(output) for output in outputs), 'the outputs')
    assert change_state(graph, Transition.TRANSITION_DEACTIVATE)
    assert change_state(graph, Transition.TRANSITION_CLEANUP)
    graph.wait_until(lambda: not any(count(output) for output in outputs), 'their end')
    assert count('/diagnostics') == 1


@pytest.mark.parametrize('end', ['/poses.publisher', '/image_raw.subscription'])
def test_the_node_exits_with_one_line_if_a_qos_override_is_refused_while_it_starts(
    graph: Graph, end: str
) -> None:
    node = graph.start('posenet_node', '-p', f'qos_overrides.{end}.reliability:=nonsense')
    assert node.wait() == 1
    (line,) = (line for line in node.output.splitlines() if 'INFO' not in line)
    assert f'qos_overrides.{end} is refused' in line
    assert 'restart the node' in line


def test_the_node_stays_unconfigured_until_a_missing_model_is_downloaded(
    graph: Graph, tmp_path: Path
) -> None:
    models = store.models_folder()
    node = graph.start('posenet_node', environment={'POSENET_HOME': str(tmp_path)})
    graph.wait_until(lambda: 'cannot configure' in node.output, 'the error')
    assert 'posenet download mobilenet_v1_075' in node.output
    assert 'ros2 lifecycle set /posenet configure' in node.output
    assert state(graph) == 'unconfigured'
    assert not change_state(graph, Transition.TRANSITION_CONFIGURE)
    (tmp_path / 'models').symlink_to(models)
    assert change_state(graph, Transition.TRANSITION_CONFIGURE)
    assert change_state(graph, Transition.TRANSITION_ACTIVATE)
    assert node.end() == 0


def test_an_unavailable_execution_provider_leaves_the_node_unconfigured(
    graph: Graph,
) -> None:
    if find_driver() is not None:
        pytest.skip('this machine has an NVIDIA driver, and cuda may work')
    node = graph.start('posenet_node', '-p', 'execution_provider:=cuda')
    graph.wait_until(lambda: 'cannot configure' in node.output, 'the error')
    assert 'cuda cannot be used: no NVIDIA driver is installed' in node.output
    assert state(graph) == 'unconfigured'


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
    graph.wait_until(lambda: 'cannot configure' in node.output, 'the error')
    assert 'broken file, stride16.onnx' in node.output
    assert 'posenet download mobilenet_v1_075' in node.output
    assert node.end() == 0
    assert 'Traceback' not in node.output


def bring_no_image(graph: Graph, _: NDArray[np.uint8]) -> Program:
    """Start a node that receives no images."""
    return graph.start_posenet()


def bring_images(graph: Graph, picture: NDArray[np.uint8]) -> Program:
    """Start a node, and return while it is processing images."""
    node = graph.start_posenet()
    poses = graph.collect_poses()
    publisher = graph.image_publisher()
    graph.publish_until(publisher, image_message(picture), lambda: poses, 'poses')
    for _ in range(5):
        publisher.publish(image_message(picture))
    return node


def bring_slow_images(graph: Graph, picture: NDArray[np.uint8], *parameters: str) -> Program:
    """Start a node, and leave it in the middle of an inference that takes seconds."""
    settings = ('output_stride:=8', 'lazy:=false', *parameters)
    node = graph.start_posenet(*(word for one in settings for word in ('-p', one)))
    publisher = graph.image_publisher()
    reports = Reports(graph)

    def received() -> bool:
        return reports.value('images received') not in {'', '0'}

    image = image_message(picture)
    graph.publish_until(publisher, image, received, 'an image to be received')
    publisher.publish(image)
    return node


def bring_a_large_input(graph: Graph, picture: NDArray[np.uint8]) -> Program:
    """Start a node that searches large images."""
    return bring_slow_images(graph, picture, 'input_size:=2048x2048')


def bring_large_regions(graph: Graph, picture: NDArray[np.uint8]) -> Program:
    """Start a node that searches small images, and then looks closer at four people in each."""
    people = np.tile(picture[::4, ::4], (2, 2, 1))
    closer = ('attention:=closer_look', 'region_size:=2048')
    return bring_slow_images(graph, people, 'input_size:=257x257', *closer)


@pytest.mark.parametrize('with_signal', [signal.SIGINT, signal.SIGTERM], ids=['SIGINT', 'SIGTERM'])
@pytest.mark.parametrize(
    'bring', [bring_no_image, bring_images, bring_a_large_input, bring_large_regions]
)
def test_a_signal_ends_the_node_cleanly_within_two_seconds(
    astronaut: NDArray[np.uint8],
    bring: Callable[[Graph, NDArray[np.uint8]], Program],
    with_signal: signal.Signals,
) -> None:
    seconds: list[float] = []
    # On a busy machine, the node gets more than one attempt.
    while len(seconds) < 3 and min(seconds, default=9) >= 2:
        with open_graph() as graph:
            node = bring(graph, astronaut)
            start = time.monotonic()
            assert node.end(with_signal) == 0, node.output
            seconds.append(time.monotonic() - start)
            assert 'Traceback' not in node.output
    print(f'{bring.__name__}: {seconds} s')
    assert min(seconds) < 2


def test_two_signals_end_the_node_as_cleanly_as_one(graph: Graph) -> None:
    node = graph.start_posenet()
    node.send(signal.SIGINT)
    assert node.end(signal.SIGINT) == 0
    assert 'Traceback' not in node.output


@pytest.mark.parametrize(
    ('arguments', 'remedy'),
    [
        (['-p', 'foo'], 'the form of a parameter is: --ros-args -p NAME:=VALUE'),
        (['--params-file', '/nowhere.yaml'], 'the file must exist, and its form is: /**: {ros__'),
        (['-r', 'image_raw:=/a/b/'], 'the form of a remapping is: --ros-args -r FROM:=TO'),
        (['-p', 'use_sim_time:=abc'], 'use_sim_time'),
    ],
)
def test_the_node_exits_with_a_message_if_ros_refuses_its_arguments(
    graph: Graph, arguments: list[str], remedy: str
) -> None:
    node = graph.start('posenet_node', *arguments)
    assert node.wait() == 1
    assert arguments[-1].rpartition(':=')[2] in node.output
    assert remedy in node.output
    assert 'Traceback' not in node.output
