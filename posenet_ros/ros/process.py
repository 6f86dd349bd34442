"""The life of a process with one node."""

from collections.abc import Callable
import signal
import sys

import rclpy
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.signals import uninstall_signal_handlers
from rclpy.utilities import ok, try_shutdown

from posenet_ros.errors import PosenetError
from posenet_ros.ros.freed_memory import keep_freed_memory

# Seconds after which a process at rest looks whether it was told to end.
_LOOK_AGAIN = 0.5


def run(make_node: Callable[[], Node]) -> int:
    """
    Make a node, spin it until SIGINT or SIGTERM, and return the exit code.

    It is 0 after a signal, and 1, after one line that says why, when the node cannot start.
    """
    keep_freed_memory()
    # rclpy's own handler shuts the context down. Python's would raise KeyboardInterrupt as well,
    # anywhere, also where pybind11 makes some other error of it.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        rclpy.init()
    except RuntimeError as error:  # what rclpy raises for ROS arguments that it cannot read
        print(f'posenet_ros: {error}', file=sys.stderr)
        return 1
    node = None
    try:
        node = make_node()
        # rclpy loses a signal's wake-up now and then, and looks again only when something happens.
        node.create_timer(_LOOK_AGAIN, lambda: None, clock=Clock(clock_type=ClockType.STEADY_TIME))
        rclpy.spin(node)
    except ExternalShutdownException:
        pass
    except (PosenetError, ParameterException) as error:  # of rclpy's own, such as use_sim_time
        get_logger('posenet_ros').fatal(str(error))
        return 1
    except Exception:
        # A signal shuts the context down at any time: also while a node is made, which then
        # meets whatever rclpy says of a context that is gone.
        if ok():
            raise
    finally:
        _ignore_signals()
        if node is not None:
            node.destroy_node()
        try_shutdown()
    return 0


def _ignore_signals() -> None:
    """Let nothing interrupt the end: a terminal and launch both send SIGINT on Ctrl-C."""
    uninstall_signal_handlers()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
