"""posenet_node in a process of its own, over real DDS."""

import os
from pathlib import Path
import re
import shutil
import signal
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest
from rcl_interfaces.msg import Parameter, ParameterValue, SetParametersResult
from rcl_interfaces.srv import DescribeParameters, SetParametersAtomically
from ros_graph import Graph, image_message
from sensor_msgs.msg import Image

from posenet_ros.drawing import draw_poses
from posenet_ros.estimator import PoseEstimator
from posenet_ros.network import Network
from posenet_ros.ros.image_conversion import to_rgb
from posenet_ros.ros.topics import IMAGE_QOS
from posenet_ros.settings import PoseSettings
from posenet_ros.weights import store

pytestmark = pytest.mark.usefixtures('network_075')


def value_of(value: Any) -> ParameterValue:
    """Return a Python value as a parameter's."""
    from rclpy.parameter import Parameter as PythonParameter

    return PythonParameter('any', value=value).get_parameter_value()


def set_parameters(graph: Graph, **values: Any) -> SetParametersResult:
    """Set parameters of the node, all or none."""
    request = SetParametersAtomically.Request()
    request.parameters = [Parameter(name=name, value=value_of(v)) for name, v in values.items()]
    return graph.call(SetParametersAtomically, 'posenet/set_parameters_atomically', request).result


def test_an_image_is_answered_with_the_librarys_poses_and_its_own_header(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: Network
) -> None:
    graph.start_posenet()
    answers = graph.collect_poses()
    sent = image_message(astronaut, second=7, frame='lens')
    graph.publish_until(graph.image_publisher(), sent, lambda: answers, 'poses')
    assert answers[0].header == sent.header
    assert (answers[0].image_width, answers[0].image_height) == (512, 512)
    (expected,) = PoseEstimator(network_075).estimate(astronaut)
    (pose,) = answers[0].poses
    assert pose.score == pytest.approx(expected.score)
    points = [(keypoint.x, keypoint.y) for keypoint in pose.keypoints]
    np.testing.assert_allclose(points, expected.keypoints, atol=1e-3)


def test_an_image_with_nobody_in_it_is_answered_too(graph: Graph) -> None:
    graph.start_posenet()
    answers = graph.collect_poses()
    sent = image_message(np.zeros((48, 64, 3), np.uint8))
    graph.publish_until(graph.image_publisher(), sent, lambda: answers, 'poses')
    assert answers[0].poses == []


def test_the_annotated_image_has_the_poses_drawn_and_the_images_header(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: Network
) -> None:
    graph.start_posenet()
    annotated = graph.collect(Image, 'image_annotated', IMAGE_QOS)
    sent = image_message(astronaut, second=7)
    graph.publish_until(graph.image_publisher(), sent, lambda: annotated, 'annotated image')
    assert annotated[0].header == sent.header
    expected = draw_poses(astronaut, PoseEstimator(network_075).estimate(astronaut))
    np.testing.assert_array_equal(to_rgb(annotated[0]), expected)


def test_answers_come_in_the_order_of_the_images(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'image_scale_factor:=1.0')
    answers = graph.collect_poses()
    publisher = graph.image_publisher()
    seconds = iter(range(1, 1000))

    def publish_several() -> None:
        for _ in range(5):  # faster than the network can work
            publisher.publish(image_message(astronaut, second=next(seconds)))

    graph.wait_until(lambda: len(answers) >= 10, 'answers', publish_several)
    answered = [answer.header.stamp.sec for answer in answers]
    assert answered == sorted(set(answered))


@pytest.mark.parametrize(
    ('field', 'value', 'complaint'),
    [
        ('encoding', 'rgb9', "encoding 'rgb9' is not known"),
        ('step', 1, 'step is 1, too small'),
        ('width', 0, 'width x height is 0x48'),
        ('height', 4800, 'data has 9216 bytes, too few'),
    ],
)
def test_a_bad_image_is_dropped_with_a_warning_and_the_next_good_one_answered(
    graph: Graph, field: str, value: object, complaint: str
) -> None:
    node = graph.start_posenet()
    answers = graph.collect_poses()
    publisher = graph.image_publisher()
    bad = image_message(np.zeros((48, 64, 3), np.uint8), second=1)
    setattr(bad, field, value)
    graph.publish_until(publisher, bad, lambda: complaint in node.output, complaint)
    assert f'/image_raw: image dropped: {complaint}' in node.output
    good = image_message(np.zeros((48, 64, 3), np.uint8), second=2)
    graph.publish_until(publisher, good, lambda: answers, 'poses')
    assert {answer.header.stamp.sec for answer in answers} == {2}


def test_each_camera_is_answered_beside_its_images(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'image_topics:=[/front/image_raw, /rear/image_raw]')
    front, rear = graph.collect_poses('/front/poses'), graph.collect_poses('/rear/poses')
    front_images = graph.image_publisher('/front/image_raw')
    rear_images = graph.image_publisher('/rear/image_raw')
    person = image_message(astronaut, frame='front')
    nobody = image_message(np.zeros((48, 64, 3), np.uint8), frame='rear')
    graph.publish_until(front_images, person, lambda: front, 'poses of the front camera')
    graph.publish_until(rear_images, nobody, lambda: rear, 'poses of the rear camera')
    assert {(answer.header.frame_id, len(answer.poses)) for answer in front} == {('front', 1)}
    assert {(answer.header.frame_id, len(answer.poses)) for answer in rear} == {('rear', 0)}


def test_topics_follow_the_nodes_namespace(graph: Graph) -> None:
    graph.start_posenet('-r', '__ns:=/robot')
    answers = graph.collect_poses('/robot/poses')
    image = image_message(np.zeros((48, 64, 3), np.uint8))
    publisher = graph.image_publisher('/robot/image_raw')
    graph.publish_until(publisher, image, lambda: answers, 'poses')


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


def test_a_missing_model_ends_the_node_and_names_the_remedy(graph: Graph, tmp_path: Path) -> None:
    node = graph.start('posenet_node', environment={'POSENET_HOME': str(tmp_path)})
    assert node.wait() == 1
    assert 'posenet download mobilenet_v1_075' in node.output
    assert 'Traceback' not in node.output


def test_a_broken_model_ends_the_node_and_names_the_remedy(graph: Graph, tmp_path: Path) -> None:
    shutil.copytree(
        store.models_folder() / 'mobilenet_v1_075', tmp_path / 'models/mobilenet_v1_075'
    )
    broken = tmp_path / 'models' / 'mobilenet_v1_075' / 'stride16.onnx'
    content = bytearray(broken.read_bytes())
    content[2_000_000:2_001_000] = bytes(1000)  # in the middle of the weights
    broken.write_bytes(content)
    node = graph.start('posenet_node', environment={'POSENET_HOME': str(tmp_path)})
    assert node.wait() == 1
    assert 'broken file, stride16.onnx' in node.output
    assert 'posenet download mobilenet_v1_075' in node.output
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


def test_an_unexpected_error_drops_one_image_and_not_the_node(
    graph: Graph, astronaut: NDArray[np.uint8], tmp_path: Path
) -> None:
    # A network in which something breaks that nobody thought of: once, on the first image.
    (tmp_path / 'sitecustomize.py').write_text(
        'import posenet_ros.network as n\n'
        'run = n.Network.run\n'
        'def once(*arguments):\n'
        '    n.Network.run = run\n'
        '    raise ZeroDivisionError("unthought of")\n'
        'n.Network.run = once\n'
    )
    path = f'{tmp_path}{os.pathsep}{os.environ["PYTHONPATH"]}'
    node = graph.start('posenet_node', environment={'PYTHONPATH': path})
    answers = graph.collect_poses()
    image = image_message(astronaut)
    graph.publish_until(graph.image_publisher(), image, lambda: answers, 'poses')
    assert 'image dropped: Traceback' in node.output
    assert 'unthought of' in node.output


def test_the_annotated_image_is_mirrored_with_its_poses(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: Network
) -> None:
    graph.start_posenet('-p', 'flip_horizontal:=true')
    annotated = graph.collect(Image, 'image_annotated', IMAGE_QOS)
    publisher = graph.image_publisher()
    graph.publish_until(publisher, image_message(astronaut), lambda: annotated, 'annotated image')
    estimator = PoseEstimator(network_075, PoseSettings(flip_horizontal=True))
    expected = draw_poses(astronaut[:, ::-1], estimator.estimate(astronaut))
    np.testing.assert_array_equal(to_rgb(annotated[0]), expected)


def test_a_setting_changes_at_run_time(graph: Graph, astronaut: NDArray[np.uint8]) -> None:
    graph.start_posenet()
    answers = graph.collect_poses()
    publisher = graph.image_publisher()
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: answers and answers[-1].poses, 'a person')
    assert set_parameters(graph, score_threshold=1.0).successful
    graph.publish_until(publisher, image, lambda: not answers[-1].poses, 'nobody')
    assert set_parameters(graph, score_threshold=0.5).successful
    graph.publish_until(publisher, image, lambda: answers[-1].poses, 'a person again')


@pytest.mark.parametrize(
    ('values', 'reason'),
    [
        ({'score_threshold': 1.5}, 'score_threshold'),
        ({'score_threshold': 'high'}, 'type'),
        ({'decoding_method': 'many'}, "'many', choose one of multi_person, single_person"),
        ({'input_size': '257'}, 'such as 257x353'),
        ({'model': 'mobilenet_v1_100'}, 'read-only'),
        ({'image_topics': ['/other']}, 'read-only'),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_at_run_time_with_the_reason(
    graph: Graph, values: dict[str, Any], reason: str
) -> None:
    graph.start_posenet()
    result = set_parameters(graph, **values)
    assert not result.successful
    assert reason in result.reason


def test_of_values_that_are_set_together_none_counts_when_one_is_refused(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    answers = graph.collect_poses()
    assert not set_parameters(graph, score_threshold=1.0, input_size='wide').successful
    image = image_message(astronaut)
    graph.publish_until(graph.image_publisher(), image, lambda: answers, 'poses')
    assert len(answers[0].poses) == 1


def test_a_whole_number_will_do_for_a_fraction_at_start(graph: Graph) -> None:
    node = graph.start_posenet('-p', 'nms_radius:=30')
    assert re.search(r'/image_raw -> /poses', node.output)


def test_parameters_are_described_with_their_ranges(graph: Graph) -> None:
    graph.start_posenet()
    request = DescribeParameters.Request(names=['score_threshold', 'model', 'max_pose_detections'])
    threshold, model, detections = graph.call(
        DescribeParameters, 'posenet/describe_parameters', request
    ).descriptors
    assert threshold.description
    assert (threshold.read_only, model.read_only) == (False, True)
    (span,) = threshold.floating_point_range
    assert (span.from_value, span.to_value) == (0.0, 1.0)
    (steps,) = detections.integer_range
    assert (steps.from_value, steps.to_value) == (1, 100)
    assert 'mobilenet_v1_100' in model.additional_constraints
