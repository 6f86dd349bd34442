"""Log lines about exceptions in callbacks."""

from pathlib import Path
import time
import traceback

from rclpy.node import Node

from posenet_ros.ros.log_text import reason_of, traceback_of

# Minimum time in seconds between two log lines about the same kind of exception in one callback.
_LOG_PERIOD = 5.0

# The sources of this folder, and of the whole package.
_HERE = Path(__file__).parent
_PACKAGE = _HERE.parents[1]


class CallbackErrors:
    """Logs exceptions in callbacks of a node; each kind of them at most every five seconds."""

    def __init__(self, node: Node) -> None:
        """Log to `node`."""
        self._node = node
        self._last_logged: dict[tuple[str, type[Exception]], float] = {}

    def log(self, what: str, error: Exception) -> None:
        """
        Log an exception that `what` raised; with a traceback if our own code raised it.

        While the node's context is shut down, anything may fail, and nothing is logged.
        """
        now, kind = time.monotonic(), (what, type(error))
        last = self._last_logged.get(kind)
        if (last is not None and now - last < _LOG_PERIOD) or not self._node.context.ok():
            return
        self._last_logged[kind] = now
        short = f'{type(error).__name__}: {reason_of(error)}'
        reason = traceback_of(error) if _is_ours(error) else short
        self._node.get_logger().error(f'{what} failed: {reason}')


def _is_ours(error: Exception) -> bool:
    """
    Return whether an exception passed through our own code.

    If it did not, rclpy raised it because of what it received, and the stack tells users nothing.
    """
    files = (Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__))
    return any(_PACKAGE in file.parents and file.parent != _HERE for file in files)
