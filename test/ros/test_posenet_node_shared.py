"""
One posenet_node with default settings, in a separate process, over real DDS.

The tests share it, because none of them changes it, and starting it takes longer than any of them.
"""

from collections.abc import Iterator
from typing import Any

from made_images import encoded, ENCODERS
from node_services import set_parameters
import numpy as np
from numpy.typing import NDArray
import pytest
from rcl_interfaces.srv import DescribeParameters
from ros_graph import Graph, image_message, Program
from sensor_msgs.msg import Image

from posenet_ros.msg import PoseArray

pytestmark = pytest.mark.usefixtures('network_075')


@pytest.fixture(scope='module')
def shared_node() -> Iterator[Program]:
    """Return a running node."""
    # Without a graph: with two participants in one process, Fast DDS 2.14 sometimes waits forever
    # while it closes one of them.
    program = Program('posenet_node', [], {})
    try:
        yield program
    finally:
        program.close()


@pytest.fixture(autouse=True)
def still_running(shared_node: Program) -> None:
    """Make sure that no earlier test has ended the node."""
    assert not shared_node.has_ended, shared_node.output


def process(graph: Graph, image: Image, *, second: int) -> PoseArray:
    """Return the poses of an image, whose stamp tells them from those of other tests."""
    image.header.stamp.sec = second
    messages = graph.collect_poses()

    def own() -> list[PoseArray]:
        return [message for message in messages if message.header.stamp.sec == second]

    graph.publish_until(graph.image_publisher(), image, own, 'poses')
    return own()[0]


@pytest.mark.parametrize(('second', 'encoding'), [*enumerate(ENCODERS, 1)], ids=[*ENCODERS])
def test_an_image_in_any_encoding_is_processed(
    graph: Graph, astronaut: NDArray[np.uint8], second: int, encoding: str
) -> None:
    poses = process(graph, encoded(encoding, astronaut, padding=6), second=second)
    assert (poses.image_width, poses.image_height) == (512, 512)
    assert len(poses.poses) == 1


@pytest.mark.parametrize(
    ('values', 'reason'),
    [
        ({'score_threshold': 1.5}, 'score_threshold'),
        ({'score_threshold': 'high'}, 'Wrong parameter type'),
        ({'decoding_method': 'many'}, "'many'; choose one of multi_person, single_person"),
        ({'input_size': '257'}, 'such as 257x353'),
        ({'model': 'mobilenet_v1_100'}, 'read-only'),
        ({'image_topics': ['/other']}, 'read-only'),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_at_run_time_with_the_reason(
    graph: Graph, values: dict[str, Any], reason: str
) -> None:
    result = set_parameters(graph, **values)
    assert not result.successful
    assert reason in result.reason


def test_when_one_of_several_values_is_refused_none_is_set(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    assert not set_parameters(graph, score_threshold=1.0, input_size='wide').successful
    assert len(process(graph, image_message(astronaut), second=1000).poses) == 1


def test_parameters_are_described_with_their_ranges(graph: Graph) -> None:
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
