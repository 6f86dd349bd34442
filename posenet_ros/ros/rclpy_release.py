"""
What differs between the releases of rclpy: Humble, Jazzy, Kilted, Lyrical and Rolling.

Only this module asks which release it is. Everything else that the package uses is the same in all
of them (docs/distributions.md). It looks for the names themselves instead of a version, because
distributions backport changes.
"""

from collections.abc import Callable, Sequence
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.subscription import Subscription

try:
    import rclpy.event_handler as events
except ImportError:  # Humble
    import rclpy.qos_event as events  # type: ignore[no-redef]

try:
    import rclpy.clock_type as clock_types
except ImportError:  # Humble
    import rclpy.clock as clock_types  # type: ignore[no-redef]

try:
    import rclpy.topic_endpoint_info as endpoints
except ImportError:  # Lyrical and Rolling
    import rclpy.endpoint_info as endpoints  # type: ignore[import-not-found, no-redef]

ClockType = clock_types.ClockType
PublisherEventCallbacks = events.PublisherEventCallbacks
SubscriptionEventCallbacks = events.SubscriptionEventCallbacks
TopicEndpointInfo = endpoints.TopicEndpointInfo

# In Humble, subscriptions pass nothing but the message.
_PASSES_MESSAGE_INFO = hasattr(Subscription, 'CallbackType')


def numbered(callback: Callable[[Any, int | None], None]) -> Callable[..., None]:
    """
    Return a callback for a subscription that passes the sequence number of each message, too.

    The number is None if it is not known: in Humble, and if the middleware does not number
    messages.
    """

    def with_info(message: Any, info: Any) -> None:
        callback(message, info['publication_sequence_number'])

    def without_info(message: Any) -> None:
        callback(message, None)

    return with_info if _PASSES_MESSAGE_INFO else without_info


def call_after_setting_parameters(
    node: Node, callback: Callable[[Sequence[Parameter]], None]
) -> None:
    """
    Call a function after parameters of a node have been set, with those that were set together.

    It is not called for parameters that any callback of the node has refused.
    """
    if hasattr(node, 'add_post_set_parameters_callback'):
        node.add_post_set_parameters_callback(callback)
        return
    # Humble. Its parameter services call these two public methods of the node.
    set_together = node.set_parameters_atomically

    def set_parameters_atomically(parameters: list[Parameter]) -> SetParametersResult:
        result = set_together(parameters)
        if result.successful:
            callback(parameters)
        return result

    def set_parameters(parameters: list[Parameter]) -> list[SetParametersResult]:
        return [set_parameters_atomically([parameter]) for parameter in parameters]

    node.set_parameters_atomically = set_parameters_atomically  # type: ignore
    node.set_parameters = set_parameters  # type: ignore
