"""Quality of service that parameters override, in the test's own process."""

from parameter_nodes import open_node
import pytest
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.qos import ReliabilityPolicy
from std_msgs.msg import Header

from posenet_ros.errors import SettingError
from posenet_ros.ros.topics.qos import (
    IMAGE_QOS,
    OVERRIDABLE,
    overridable,
    POSES_QOS,
    refusing_overrides,
    TopicEnd,
)

RCLError = rclpy_implementation.RCLError


def open_end(node: Node, end: TopicEnd) -> ReliabilityPolicy:
    """Open a publisher or subscription on /topic, and return its reliability."""
    with refusing_overrides('/topic', end):
        if end == 'publisher':
            node.create_publisher(Header, '/topic', **overridable(POSES_QOS))
            (info,) = node.get_publishers_info_by_topic('/topic')
        else:
            node.create_subscription(Header, '/topic', print, **overridable(IMAGE_QOS))
            (info,) = node.get_subscriptions_info_by_topic('/topic')
    return ReliabilityPolicy(info.qos_profile.reliability)


@pytest.mark.parametrize(
    ('end', 'word', 'reliability'),
    [
        ('publisher', 'best_effort', ReliabilityPolicy.BEST_EFFORT),
        ('subscription', 'reliable', ReliabilityPolicy.RELIABLE),
    ],
)
def test_a_parameter_overrides_a_policy_of_its_topic_only(
    end: TopicEnd, word: str, reliability: ReliabilityPolicy
) -> None:
    with open_node(f'qos_overrides./topic.{end}.reliability:={word}') as node:
        assert open_end(node, end) == reliability
    assert IMAGE_QOS.reliability == ReliabilityPolicy.BEST_EFFORT
    assert POSES_QOS.reliability == ReliabilityPolicy.RELIABLE


@pytest.mark.parametrize('end', ['publisher', 'subscription'])
@pytest.mark.parametrize(
    'override',
    [
        *('depth:=-1', 'depth:=0', 'depth:=2147483648', 'depth:=1.5', 'history:=unknown'),
        *('reliability:=unknown', 'reliability:=""', 'reliability:=5', 'durability:=unknown'),
    ],
)
def test_an_override_that_the_middleware_would_refuse_is_refused(
    end: TopicEnd, override: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        open_node(f'qos_overrides./topic.{end}.{override}') as node,
        pytest.raises(SettingError, match=rf'qos_overrides\./topic\.{end} is refused'),
    ):
        open_end(node, end)
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize(
    'error', [MemoryError(), RuntimeError('other'), RCLError('other'), OSError(28, 'no space')]
)
def test_an_error_with_another_cause_passes_through(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, refusing_overrides('/topic', 'publisher'):
        raise error
    assert caught.value is error


@pytest.mark.parametrize('end', ['publisher', 'subscription'])
@pytest.mark.parametrize('policy', [kind.name.lower() for kind in OVERRIDABLE])
def test_a_refused_override_names_its_parameter_and_the_remedy(end: TopicEnd, policy: str) -> None:
    reason = rf'qos_overrides\./topic\.{end} is refused: .*restart the node'
    with (
        open_node(f'qos_overrides./topic.{end}.{policy}:=nonsense') as node,
        pytest.raises(SettingError, match=reason),
    ):
        open_end(node, end)


@pytest.mark.parametrize('end', ['publisher', 'subscription'])
def test_a_context_that_is_shut_down_is_not_reported_as_a_refused_override(end: TopicEnd) -> None:
    with open_node() as node:
        node.context.try_shutdown()
        # Since Kilted, rclpy says that a "Destroyable" cannot be used.
        with pytest.raises(Exception, match=r'context|Destroyable') as caught:
            open_end(node, end)
    assert not isinstance(caught.value, SettingError)
