"""Automatic start of a managed node."""

from collections.abc import Callable
import time

from rclpy.clock import Clock
from rclpy.node import Node

# Seconds between two checks, and until the first one.
_PERIOD = 0.02
# Seconds after which the log says what the node waits for.
_NOTICE_DELAY = 1.0
_TOPIC = '~/transition_event'


class Autostart:
    """
    Starts a node once, when its executor spins it and others listen to its transitions.

    Others can call the services of the node only while it spins. `LifecycleNode` of launch
    subscribes to ~/transition_event before it starts the process, but the middleware may take a
    few seconds to discover the subscription. Launch would not receive the transitions until then.
    """

    def __init__(
        self, node: Node, start: Callable[[], None], *, timeout: float, clock: Clock
    ) -> None:
        """
        Call `start` in the executor of `node` when somebody subscribes to ~/transition_event.

        After `timeout` seconds, call it even if nobody does. A long wait is logged. `clock` must
        not pause.
        """
        self._node = node
        self._start = start
        self._timeout = timeout
        self._begin = time.monotonic()
        self._wait_was_logged = False
        self._timer = node.create_timer(_PERIOD, self._check, clock=clock)

    def cancel(self) -> None:
        """Cancel the start, if it has not happened yet."""
        self._timer.cancel()

    def _check(self) -> None:
        waited = time.monotonic() - self._begin
        has_subscriber = self._node.count_subscribers(_TOPIC) > 0
        if has_subscriber or waited >= self._timeout:
            self.cancel()
            if self._timeout > 0 and not has_subscriber:
                self._log('nobody subscribed to {topic} within {limit:g} s: starting anyway')
            self._start()
        elif waited >= _NOTICE_DELAY and not self._wait_was_logged:
            self._wait_was_logged = True
            self._log('waiting up to {limit:g} s for a subscriber of {topic} before starting')

    def _log(self, text: str) -> None:
        topic = self._node.resolve_topic_name(_TOPIC)
        self._node.get_logger().info(text.format(topic=topic, limit=self._timeout))
