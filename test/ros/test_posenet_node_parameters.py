"""Parameters of posenet_node in a separate process, over real DDS."""

from pathlib import Path
import re
from typing import Any

from golden import ROOT
from node_services import set_parameters
import numpy as np
from numpy.typing import NDArray
import pytest
from rclpy.qos import ReliabilityPolicy
from ros_graph import Graph, image_message
from sensor_msgs.msg import Image

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.msg import PoseArray
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS
from posenet_ros.settings import PoseSettings

pytestmark = pytest.mark.usefixtures('network_075')


def test_a_setting_changes_at_run_time(graph: Graph, astronaut: NDArray[np.uint8]) -> None:
    graph.start_posenet()
    messages = graph.collect_poses()
    publisher = graph.image_publisher()
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: messages and messages[-1].poses, 'a person')
    assert set_parameters(graph, score_threshold=1.0).successful
    graph.publish_until(publisher, image, lambda: not messages[-1].poses, 'nobody')
    assert set_parameters(graph, score_threshold=0.5).successful
    graph.publish_until(publisher, image, lambda: messages[-1].poses, 'a person again')


def test_an_integer_is_accepted_for_a_float_at_the_start(graph: Graph) -> None:
    node = graph.start_posenet('-p', 'nms_radius:=30')
    assert re.search(r'/image_raw -> /poses', node.output)


def test_unknown_parameters_and_files_for_other_nodes_are_reported_at_the_start(
    graph: Graph, tmp_path: Path
) -> None:
    file = tmp_path / 'camera.yaml'
    file.write_text('/camera: {ros__parameters: {rate: 5.0}}')
    node = graph.start_posenet('-p', 'scor_threshold:=0.4', '--params-file', str(file))
    assert "'scor_threshold' (did you mean score_threshold?)" in node.output
    assert "has no section for /posenet, only for: '/camera'" in node.output


def test_the_parameter_file_of_the_package_causes_no_warning(graph: Graph) -> None:
    file = ROOT / 'config' / 'posenet.yaml'
    node = graph.start_posenet('--params-file', str(file), '-p', 'use_sim_time:=false')
    assert '[WARN]' not in node.output


def test_the_annotated_image_can_be_switched_off_and_on(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'annotated_image:=false')
    messages = graph.collect_poses()
    annotated = graph.collect(Image, 'image_annotated', IMAGE_QOS)
    publisher = graph.image_publisher()
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: len(messages) >= 3, 'poses')
    assert annotated == []
    assert set_parameters(graph, annotated_image=True).successful
    graph.publish_until(publisher, image, lambda: annotated, 'an annotated image')


def test_qos_can_be_overridden_at_the_start(graph: Graph) -> None:
    graph.start_posenet(
        *('-p', 'qos_overrides./image_raw.subscription.reliability:=reliable'),
        *('-p', 'qos_overrides./poses.publisher.reliability:=best_effort'),
    )
    messages = graph.collect_poses()  # reliable: incompatible with a best-effort publisher
    best_effort = graph.collect(PoseArray, 'poses', IMAGE_QOS)
    image = image_message(np.zeros((48, 64, 3), np.uint8))
    publisher = graph.node.create_publisher(Image, 'image_raw', POSES_QOS)
    graph.publish_until(publisher, image, lambda: best_effort, 'poses')
    assert messages == []


def test_a_misspelt_qos_override_is_reported_once_with_the_one_that_is_meant(graph: Graph) -> None:
    node = graph.start_posenet(
        *('-p', 'qos_overrides./image_rw.subscription.depth:=2'),
        *('-p', 'qos_overrides./poses.publisher.relaibility:=best_effort'),
        *('-p', 'qos_overrides./diagnostic.publisher.depth:=5'),
        *('-p', 'qos_overrides./diagnostics.publisher.depth:=5'),
        *('-p', 'qos_overrides./image_raw.subscription.depth:=2'),
    )
    (line,) = [line for line in node.output.splitlines() if 'qos_overrides' in line]
    assert '(did you mean qos_overrides./image_raw.subscription.depth?)' in line
    assert '(did you mean qos_overrides./poses.publisher.reliability?)' in line
    assert '(did you mean qos_overrides./diagnostics.publisher.depth?)' in line
    assert line.count('did you mean') == 3


def test_an_override_of_one_topic_does_not_change_others(graph: Graph) -> None:
    graph.start_posenet(
        *('-p', 'image_topics:=[/front/image_raw, /rear/image_raw]'),
        *('-p', 'qos_overrides./front/poses.publisher.reliability:=best_effort'),
    )
    graph.wait_until(lambda: graph.node.count_publishers('/rear/poses'), 'the outputs')
    (front,) = graph.node.get_publishers_info_by_topic('/front/poses')
    (rear,) = graph.node.get_publishers_info_by_topic('/rear/poses')
    assert front.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT
    assert rear.qos_profile.reliability == ReliabilityPolicy.RELIABLE


@pytest.mark.parametrize(
    'values',
    [
        {'decoding_method': 'single_person'},
        {'flip_horizontal': True},
        {'image_scale_factor': 1.0},
        {'input_size': '257x257'},
        {
            'score_threshold': 0.05,
            'nms_radius': 1.0,
            'max_pose_detections': 20,
            'min_pose_score': 0.0,
        },
    ],
    ids=lambda values: ', '.join(values),
)
def test_new_values_apply_to_the_next_images(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: PoseNet, values: dict[str, Any]
) -> None:
    graph.start_posenet()
    messages = graph.collect_poses()
    publisher = graph.image_publisher()
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: messages, 'poses')
    assert set_parameters(graph, **values).successful
    poses = PoseEstimator(network_075, PoseSettings(**values)).estimate(astronaut)
    expected = [keypoint for pose in poses for keypoint in pose.keypoints[:, 0].tolist()]

    def matches() -> bool:
        points = [keypoint.x for pose in messages[-1].poses for keypoint in pose.keypoints]
        return len(points) == len(expected) and np.allclose(points, expected, atol=1e-2)

    graph.publish_until(publisher, image, matches, 'poses by the new settings')


@pytest.mark.parametrize(
    'values', [{'draw_min_pose_score': 1.0}, {'draw_min_keypoint_score': 0.95}], ids=', '.join
)
def test_new_drawing_thresholds_apply_to_the_next_annotated_images(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: PoseNet, values: dict[str, float]
) -> None:
    poses = PoseEstimator(network_075).estimate(astronaut)
    before, after = (
        draw_poses(astronaut, poses),
        draw_poses(astronaut, poses, DrawingSettings(**values)),
    )
    assert (before != after).any()
    graph.start_posenet('-p', 'tracking:=false')  # images without ids
    annotated = graph.collect(Image, 'image_annotated', IMAGE_QOS)
    publisher = graph.image_publisher()
    image = image_message(astronaut)

    def shows(expected: NDArray[np.uint8]) -> bool:
        return bool(annotated) and np.array_equal(to_rgb(annotated[-1]), expected)

    graph.publish_until(publisher, image, lambda: shows(before), 'an image drawn by the defaults')
    assert set_parameters(graph, **values).successful
    graph.publish_until(publisher, image, lambda: shows(after), 'an image drawn as was set')
