"""Transitions of a managed node that can fail."""

from collections.abc import Callable

from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.node import Node

from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.ros.log_text import cut, reason_of

# The transitions that start the node, in order; no other transition can fail.
_START = ('configure', 'activate')


class Transitions:
    """Attempts transitions of a node, logs why one failed, and remembers it."""

    def __init__(self, node: Node) -> None:
        """Log to `node`."""
        self._node = node
        self._starts = False
        self._refused: SettingError | None = None
        #: Why the last transition failed; None if it succeeded.
        self.failure: str | None = None

    def attempt(
        self, transition: str, action: Callable[[], None], *, undo: Callable[[], None]
    ) -> TransitionCallbackReturn:
        """Run the action of a transition; if it fails, log the reason and undo it."""
        try:
            action()
        except Exception as error:  # rclpy would ignore it silently
            undo()
            self._handle(transition, error)
            return TransitionCallbackReturn.FAILURE
        self.failure = None
        return TransitionCallbackReturn.SUCCESS

    def start(self, *transitions: Callable[[], TransitionCallbackReturn]) -> None:
        """
        Run transitions until one fails.

        Raises SettingError if one failed because of a setting: settings are read when the node
        starts, so the node cannot recover.
        """
        self._starts = True
        for run in transitions:
            if run() != TransitionCallbackReturn.SUCCESS:
                break
        self._starts = False
        if self._refused is not None:
            raise self._refused

    def commands(self, first: str) -> str:
        """Return the shell commands that lead from the transition `first` to an active node."""
        name = self._node.get_fully_qualified_name()
        start = _START.index(first)
        return ' && '.join(
            f'ros2 lifecycle set {name} {transition}' for transition in _START[start:]
        )

    def _handle(self, transition: str, error: Exception) -> None:
        if not self._node.context.ok():  # anything fails while the context is shut down
            return
        reason = reason_of(error) if isinstance(error, PosenetError) else cut(repr(error))
        self.failure = f'cannot {transition}: {reason}'
        if isinstance(error, SettingError) and self._starts:
            self._refused = error  # start() raises it
            return
        hint = f'; after fixing it, run: {self.commands(transition)}'
        # The node reads the setting again only after a restart.
        hint = '' if isinstance(error, SettingError) else hint
        self._node.get_logger().error(self.failure + hint)
