"""Running one node in a process, from its arguments to its exit code."""

from collections.abc import Callable
import os
import signal
import sys
import traceback

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
from posenet_ros.ros.threads.supervised_thread import running_threads

# Seconds between two checks of an idle process for a shutdown.
_WAKE_UP_PERIOD = 0.5


def run(make_node: Callable[[], Node]) -> int:
    """
    Create a node, spin it until SIGINT or SIGTERM, and return the exit code.

    The exit code is 0 after a signal. If the node cannot start or one of its threads died, one
    line gives the reason, and the exit code is 1; an unexpected exception gives a traceback and 1.
    If a thread of the node does not end, the process exits without returning from this function.
    """
    keep_freed_memory()
    # rclpy's own handler shuts the context down. Python's handler would also raise
    # KeyboardInterrupt, at any point, even where pybind11 turns it into another error.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        rclpy.init()
    except RuntimeError as error:  # rclpy raises it for ROS arguments that it cannot parse
        print(f'posenet_ros: {error}', file=sys.stderr)
        return 1
    exit_code = _spin(make_node)
    if running_threads():
        # They were reported. Python would wait for them, or abort when they return from rclpy.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    return exit_code


def _spin(make_node: Callable[[], Node]) -> int:
    """Create a node, spin it until the context is shut down, and destroy it."""
    node = None
    try:
        node = make_node()
        # rclpy sometimes misses the wake-up by a signal, and then checks again only at the next
        # event.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(_WAKE_UP_PERIOD, lambda: None, clock=steady)
        rclpy.spin(node)
    except ExternalShutdownException:
        pass
    except (PosenetError, ParameterException) as error:  # rclpy's own parameters: use_sim_time
        get_logger('posenet_ros').fatal(str(error))
        return 1
    except Exception:
        # If a signal shuts the context down while the node is being created, rclpy may raise any
        # exception.
        if ok():
            traceback.print_exc()
            return 1
    finally:
        _ignore_signals()
        if node is not None:
            node.destroy_node()
        try_shutdown()
    return 0


def _ignore_signals() -> None:
    """Ignore signals during the shutdown: on Ctrl-C both the terminal and launch send SIGINT."""
    uninstall_signal_handlers()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
