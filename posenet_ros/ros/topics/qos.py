"""Quality of service (QoS) of a camera's topics, and how parameters override it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, Literal, TypeAlias

from rclpy.node import Node
from rclpy.qos import QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from posenet_ros.errors import SettingError

#: For images, received and published: only the newest one matters, and none is sent again.
IMAGE_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)

#: For poses and markers: they are small, and subscribers want all of them.
POSES_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)

#: The policies that parameters can override when the node starts.
OVERRIDABLE = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)

#: The node's end of a topic, as qos_overrides names it.
TopicEnd: TypeAlias = Literal['publisher', 'subscription']


def overridable(profile: QoSProfile) -> dict[str, Any]:
    """
    Return arguments for a publisher or subscription that let parameters override its QoS.

    rclpy writes the overrides of a topic into the profile that it is given. So each publisher and
    subscription gets its own copy; otherwise the overrides would apply to other topics, too.
    """
    return {
        'qos_profile': copy(profile),
        'qos_overriding_options': QoSOverridingOptions(OVERRIDABLE),
    }


@contextmanager
def refusing_overrides(node: Node, topic: str, end: TopicEnd) -> Iterator[None]:
    """
    Raise SettingError if a publisher or subscription cannot be created with its overrides.

    While the node's context is shut down, creating one fails whatever the overrides are; that
    exception passes through.
    """
    try:
        yield
    except Exception as error:  # rclpy's exceptions have no more specific common base class
        if not node.context.ok():
            raise
        raise SettingError(
            f'qos_overrides.{topic}.{end} is refused: {error}; correct it and restart the node'
        ) from error
