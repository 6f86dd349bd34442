"""
Messages of one topic that wait in the middleware until a thread needs them.

An executor that receives a message needs about 1 ms of CPU time to build its set of subscriptions,
services, timers and events again. Here, receiving takes only what rclpy needs to convert the
message. Nothing at all is done for messages that nobody needs.
"""

from collections.abc import Sequence
from itertools import islice
import time
from typing import Any

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription

from posenet_ros.ros.log_text import traceback_of
from posenet_ros.ros.rclpy_release import SubscriptionEventCallbacks
from posenet_ros.ros.topics.qos import overridable, refusing_overrides
from posenet_ros.ros.topics.topic import Topic

# Messages received at once, so that a publisher that is faster than we are does not hold us up.
_MAX_RECEIVED = 100
# Seconds between two waits that include events. The node wakes up about as often for its reports.
_EVENTS_PERIOD = 1.0


class _EventsGroup(MutuallyExclusiveCallbackGroup):
    """
    Lets executors run the callbacks of events once in a while, but not receive messages.

    With Fast DDS, a message that waits ends every wait for an event of its subscription. So only
    one wait per period may include events. An executor asks about the subscription, and then about
    its events, whenever it begins a wait.
    """

    def __init__(self) -> None:
        """Create an empty group."""
        super().__init__()
        self._next = 0.0
        self._may_run = False

    def can_execute(self, entity: object) -> bool:
        """Return whether an executor may run a callback now."""
        if not isinstance(entity, Subscription):
            return self._may_run and bool(super().can_execute(entity))
        now = time.monotonic()
        self._may_run = now >= self._next
        if self._may_run:
            self._next = now + _EVENTS_PERIOD
        return False


class WaitingMessages:
    """
    A subscription whose messages wait until `receive` is called.

    The middleware keeps as many of the newest messages as the QoS says. Not for use in several
    threads at once.
    """

    def __init__(
        self,
        node: Node,
        message_type: Any,
        topic: Topic,
        qos: QoSProfile,
        *,
        events: SubscriptionEventCallbacks,
    ) -> None:
        """
        Subscribe; the node's executor runs the callbacks of `events`.

        Raises SettingError if the QoS overrides of the topic are refused.
        """
        self._node = node
        self._topic = topic
        with refusing_overrides(topic.resolved, 'subscription'):
            self._subscription = node.create_subscription(
                message_type,
                topic.given,
                lambda _: None,  # never called
                **overridable(qos),
                callback_group=_EventsGroup(),
                event_callbacks=events,
            )

    def receive(self) -> Sequence[Any]:
        """Return the messages that have arrived since the last call, the oldest first."""
        messages = iter(self._receive_one, None)
        return list(islice(messages, _MAX_RECEIVED))

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def _receive_one(self) -> Any | None:
        """Return the oldest message; None if there is none, or if it cannot be received."""
        subscription = self._subscription
        try:
            with subscription.handle:
                # The same call as in rclpy's executors and in its function wait_for_message.
                taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
        except Exception as error:  # one message must not keep all others from being received
            self._node.get_logger().error(
                f'a message on {self._topic.resolved} could not be received: '
                f'{traceback_of(error)}',
                throttle_duration_sec=5.0,
            )
            return None
        return None if taken is None else taken[0]
