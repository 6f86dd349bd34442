"""Settings that follow the parameters of a node."""

from collections.abc import Iterator
from typing import Any

from parameter_nodes import open_node
import pytest
from rclpy.node import Node
from rclpy.parameter import Parameter

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.ros.parameters.live_settings import LiveSettings
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings


@pytest.fixture
def node() -> Iterator[Node]:
    """Return a node."""
    with open_node() as made:
        yield made


def change(node: Node, **values: Any) -> Any:
    """Set parameters together, and return the result."""
    parameters = [Parameter(name, value=value) for name, value in values.items()]
    return node.set_parameters_atomically(parameters)


def test_live_settings_start_with_the_defaults(node: Node) -> None:
    defaults = ImageSettings(
        PoseSettings(),
        AttentionSettings(),
        TrackingSettings(),
        OutputSettings(),
        DrawingSettings(),
    )
    assert LiveSettings(node).now == defaults


def test_live_settings_start_with_other_defaults_if_there_are_any(node: Node) -> None:
    live = LiveSettings(node, {'nms_radius': 9.0, 'jpeg_quality': 7})
    assert (live.now.poses, live.now.output) == (
        PoseSettings(nms_radius=9.0),
        OutputSettings(jpeg_quality=7),
    )


def test_live_settings_follow_the_parameters_of_every_group(node: Node) -> None:
    live = LiveSettings(node)
    assert change(
        node,
        nms_radius=9.0,
        max_regions=3,
        tracking=False,
        jpeg_quality=7,
        draw_min_pose_score=0.5,
    ).successful
    assert live.now == ImageSettings(
        PoseSettings(nms_radius=9.0),
        AttentionSettings(max_regions=3),
        TrackingSettings(tracking=False),
        OutputSettings(jpeg_quality=7),
        DrawingSettings(draw_min_pose_score=0.5),
    )


def test_settings_that_were_read_before_a_change_stay_the_same(node: Node) -> None:
    live = LiveSettings(node)
    before = live.now
    assert change(node, jpeg_quality=7).successful
    assert before.output == OutputSettings()


def test_if_one_of_several_values_is_refused_none_changes_and_the_reason_is_given(
    node: Node,
) -> None:
    live = LiveSettings(node)
    before = live.now
    result = change(node, jpeg_quality=7, input_size='wide')
    assert not result.successful
    assert "input_size is 'wide'" in result.reason
    assert live.now is before
    assert node.get_parameter('jpeg_quality').value == OutputSettings().jpeg_quality


def test_other_parameters_change_nothing(node: Node) -> None:
    live = LiveSettings(node)
    before = live.now
    node.declare_parameter('mode', 'fast')
    assert change(node, mode='slow').successful
    assert live.now == before
