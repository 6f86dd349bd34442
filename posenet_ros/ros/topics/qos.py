"""Quality of service of a camera's topics, and how parameters override it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, Literal, TypeAlias

from rclpy.qos import QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from posenet_ros.errors import SettingError

#: For images, received and published: only the newest one counts, and none is sent twice.
IMAGE_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)

#: For poses and markers: they are small, and every subscriber wants all of them.
POSES_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)

#: The policies that parameters can override when the node starts.
OVERRIDABLE = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)

#: Which end of a topic a node has, in the word that qos_overrides use.
TopicEnd: TypeAlias = Literal['publisher', 'subscription']


def overridable(profile: QoSProfile) -> dict[str, Any]:
    """
    Return the arguments for a publisher or subscription whose QoS parameters can override.

    rclpy writes the overrides of a topic into the profile that it is given. So that they do not
    apply to other topics, each publisher and subscription gets a copy of its own.
    """
    return {
        'qos_profile': copy(profile),
        'qos_overriding_options': QoSOverridingOptions(OVERRIDABLE),
    }


@contextmanager
def refusing_overrides(topic: str, end: TopicEnd) -> Iterator[None]:
    """Raise SettingError if a publisher or subscription cannot be created as overridden."""
    try:
        yield
    except Exception as error:  # those of rclpy have no other base class in common
        raise SettingError(
            f'qos_overrides.{topic}.{end} is refused: {error}; correct it and restart the node'
        ) from error
