"""The quality of posenet_node: a set of defaults for other parameters."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest
import rclpy
from rclpy.context import Context
from rclpy.parameter import Parameter
from ros_graph import DOMAIN, Graph, image_message

from posenet_ros.errors import SettingError
from posenet_ros.estimation import AttentionSettings, CloserLook, PoseEstimator
from posenet_ros.estimation.quality import QUALITIES, settings_for
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.ros.posenet_node import PosenetNode
from posenet_ros.settings import PoseSettings, rows

DEFAULTS = {row.name: row.default for group in PARAMETERS for row in rows(group)}
IN_ACCURATE = ('-p', 'quality:=accurate')


@contextmanager
def open_posenet(*arguments: str) -> Iterator[PosenetNode]:
    """Create a node with ROS arguments that waits to be configured, and destroy it afterwards."""
    context = Context()
    given = ['--ros-args', '-p', 'autostart:=false', *arguments]
    rclpy.init(args=given, context=context, domain_id=DOMAIN)
    try:
        node = PosenetNode(context=context)
        try:
            yield node
        finally:
            node.destroy_node()
    finally:
        context.try_shutdown()


def values(node: PosenetNode) -> dict[str, Any]:
    """Return the values of all parameters, as `ros2 param get` shows them."""
    return {name: node.get_parameter(name).value for name in DEFAULTS}


@pytest.mark.parametrize('quality', QUALITIES)
def test_parameters_have_the_defaults_of_the_quality(quality: str) -> None:
    expected = {**DEFAULTS, **QUALITIES[quality], 'quality': quality, 'autostart': False}
    with open_posenet('-p', f'quality:={quality}') as node:
        assert values(node) == expected


def test_without_a_quality_parameters_have_the_defaults_of_fast() -> None:
    with open_posenet() as node:
        assert values(node) == {**DEFAULTS, 'autostart': False}


FILE = """\
/**:
  ros__parameters: {image_scale_factor: 0.5, quality: accurate}
/posenet:
  ros__parameters: {max_pose_detections: 5}
"""


@pytest.mark.parametrize(
    'arguments',
    [
        # The node gets SetParameter actions and parameters of the launch file as files, too.
        ['--params-file', 'FILE'],
        [*IN_ACCURATE, '-p', 'image_scale_factor:=0.5', '-p', 'max_pose_detections:=5'],
        ['-p', 'image_scale_factor:=0.5', '-p', 'max_pose_detections:=5', *IN_ACCURATE],
        ['--params-file', 'FILE', *IN_ACCURATE],
        ['-p', 'quality:=fast', '--params-file', 'FILE'],
    ],
)
def test_a_value_that_the_user_sets_takes_precedence_even_if_it_is_that_of_fast(
    tmp_path: Path, arguments: list[str]
) -> None:
    file = tmp_path / 'parameters.yaml'
    file.write_text(FILE)
    with open_posenet(*(str(file) if word == 'FILE' else word for word in arguments)) as node:
        found = values(node)
    assert (found['quality'], found['model']) == ('accurate', 'mobilenet_v1_100')
    assert (found['image_scale_factor'], found['max_pose_detections']) == (0.5, 5)


def test_an_unknown_quality_is_refused_at_the_start_with_the_known_ones() -> None:
    with (
        pytest.raises(SettingError, match="quality is 'best'; choose one of fast, balanced"),
        open_posenet('-p', 'quality:=best'),
    ):
        pass


def test_the_quality_cannot_change_at_run_time_but_most_of_what_it_sets_can() -> None:
    make: Any = Parameter  # it has no types
    with open_posenet(*IN_ACCURATE) as node:
        (result,) = node.set_parameters([make('quality', value='fast')])
        assert not result.successful
        assert 'read-only parameter: quality' in result.reason
        (result,) = node.set_parameters([make('image_scale_factor', value=0.5)])
        assert result.successful
        assert values(node)['image_scale_factor'] == 0.5


def test_a_model_of_the_quality_that_is_missing_is_reported_with_the_command_to_download_it(
    graph: Graph, tmp_path: Path
) -> None:
    node = graph.start('posenet_node', *IN_ACCURATE, environment={'POSENET_HOME': str(tmp_path)})
    graph.wait_until(lambda: 'posenet download mobilenet_v1_100' in node.output, 'the remedy')


def test_poses_are_those_of_the_quality(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: PoseNet
) -> None:
    graph.start_posenet('-p', 'quality:=balanced')
    messages = graph.collect_poses()
    image = image_message(astronaut)
    graph.publish_until(
        graph.image_publisher(), image, lambda: messages and messages[-1].poses, 'a person'
    )
    settings = settings_for('balanced', PoseSettings)
    attention = settings_for('balanced', AttentionSettings)
    closer_look = CloserLook(PoseEstimator(network_075, settings))
    (expected,) = closer_look.estimate(astronaut, attention=attention)
    (pose,) = messages[0].poses
    found = [(keypoint.x, keypoint.y) for keypoint in pose.keypoints]
    np.testing.assert_allclose(found, expected.keypoints, atol=1e-2)
