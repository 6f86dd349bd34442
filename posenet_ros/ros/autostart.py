"""The start of a managed node by itself."""

from collections.abc import Callable
import time

from rclpy.clock import Clock
from rclpy.node import Node

# Seconds between two checks, and until the first one.
_PERIOD = 0.02


class Autostart:
    """
    Starts a node once: when its executor spins it, and others listen to its transitions.

    Others can call the services of the node only while it spins. `LifecycleNode` of launch
    subscribes to ~/transition_event before it starts the process, but the middleware takes up to
    some seconds to discover the subscription. Transitions until then would be lost.
    """

    def __init__(
        self, node: Node, start: Callable[[], None], *, timeout: float, clock: Clock
    ) -> None:
        """
        Call `start` in the executor of `node` when somebody subscribes to ~/transition_event.

        After `timeout` seconds, call it even if nobody does. `clock` must not pause.
        """
        self._node = node
        self._start = start
        self._timeout = timeout
        self._begin = time.monotonic()
        self._timer = node.create_timer(_PERIOD, self._check, clock=clock)

    def cancel(self) -> None:
        """Do not start the node any more."""
        self._timer.cancel()

    def _check(self) -> None:
        waited = time.monotonic() - self._begin
        if waited >= self._timeout or self._node.count_subscribers('~/transition_event'):
            self.cancel()
            self._start()
