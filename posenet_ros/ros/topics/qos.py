"""Quality of service (QoS) of a camera's topics, and how parameters override it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any, Literal, TypeAlias
import warnings

from rcl_interfaces.msg import SetParametersResult
from rclpy.exceptions import ParameterException
from rclpy.qos import QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import InvalidQosOverridesError, QoSOverridingOptions

from posenet_ros.errors import SettingError
from posenet_ros.ros.log_text import cut

#: For received images: only the newest one matters, and any publisher is compatible.
IMAGE_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)

#: For depth images: those of 0.1 s at 90 Hz, as they are received at least that often.
DEPTH_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)

#: For annotated images: any subscriber is compatible, also one with the default QoS. A subscriber
#: that is slow does not block the publisher: a newer image replaces the one not yet received.
ANNOTATED_IMAGE_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)

#: For poses and markers: they are small, and subscribers want all of them.
POSES_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)

#: For transforms: that of tf2's broadcasters.
TF_QOS = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)

#: The policies that parameters can override when the node starts.
OVERRIDABLE = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)

# The middleware stores a depth in 32 bits.
_MAX_DEPTH = 2**31 - 1

# What each policy accepts, for messages.
_VALUES = (
    'history: keep_last or keep_all; depth: 1 or more; reliability: reliable or best_effort; '
    'durability: volatile or transient_local'
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
        'qos_overriding_options': QoSOverridingOptions(OVERRIDABLE, callback=_check),
    }


@contextmanager
def refusing_overrides(topic: str, end: TopicEnd) -> Iterator[None]:
    """
    Raise SettingError if a publisher or subscription cannot be created with its overrides.

    Any other exception passes through unchanged: it has another cause.
    """
    try:
        with warnings.catch_warnings():
            # rclpy warns about a depth of 0 with its own source code; `_check` refuses it.
            warnings.filterwarnings('ignore', 'A zero depth', UserWarning)
            yield
    except Exception as error:
        if not _is_refusal(error):
            raise
        raise SettingError(
            f'qos_overrides.{topic}.{end} is refused: {cut(str(error))}; correct it and restart '
            f'the node ({_VALUES})'
        ) from error


def _check(profile: QoSProfile) -> SetParametersResult:
    """Refuse overrides that the middleware would refuse without naming them."""
    if not 1 <= profile.depth <= _MAX_DEPTH:
        reason = f'the depth is {profile.depth}; choose 1 to {_MAX_DEPTH}'
        return SetParametersResult(successful=False, reason=reason)
    for kind in (profile.history, profile.reliability, profile.durability):
        if kind.name == 'UNKNOWN':
            reason = f'{type(kind).__name__} has no value "unknown"'
            return SetParametersResult(successful=False, reason=reason)
    return SetParametersResult(successful=True)


def _is_refusal(error: Exception) -> bool:
    """Return whether rclpy raised an exception about the value of an override."""
    if isinstance(error, (ParameterException, InvalidQosOverridesError)):
        return True
    # For a word that no policy has, rclpy raises a RuntimeError without a class of its own.
    return type(error) is RuntimeError and 'QoS override' in str(error)
