"""Running one node in a process, from its arguments to its exit code."""

from collections.abc import Callable
import os
import sys
import traceback

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import try_shutdown

from posenet_ros.errors import PosenetError
from posenet_ros.ros.callbacks.tolerant_executor import TolerantExecutor
from posenet_ros.ros.end_signals import EndSignals
from posenet_ros.ros.freed_memory import keep_freed_memory
from posenet_ros.ros.log_text import reason_of
from posenet_ros.ros.threads.supervised_thread import running_threads


def run(make_node: Callable[[], Node], signals: EndSignals, *, name: str) -> int:
    """
    Create a node, spin it until SIGINT or SIGTERM, and return the exit code.

    The exit code is 0 after a signal. If the node cannot start or one of its threads died, one
    line gives the reason, and the exit code is 1; an unexpected exception at the start gives a
    traceback and 1. Exceptions in callbacks are logged, and the node continues.
    If a thread of the node does not end, the process exits without returning from this function.

    `name` is the logger's for an error at the start, when the node does not exist.
    """
    signals.defer()
    keep_freed_memory()
    try:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:  # rclpy raises it for ROS arguments that it cannot parse
        print(f'posenet_ros: ROS refuses the arguments: {error}{_remedy(error)}', file=sys.stderr)
        return 1
    exit_code = _spin(make_node, signals, name)
    if running_threads():
        # They were reported. Python would wait for them, or abort when they return from rclpy.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    return exit_code


def _remedy(error: RuntimeError) -> str:
    """Return what to do about arguments that rclpy cannot parse; its message names the kind."""
    if '--params-file' in str(error):
        return '; the file must exist, and its form is: /**: {ros__parameters: {NAME: VALUE}}'
    if 'remap rule' in str(error):
        return '; the form of a remapping is: --ros-args -r FROM:=TO'
    return '; the form of a parameter is: --ros-args -p NAME:=VALUE'


def _spin(make_node: Callable[[], Node], signals: EndSignals, name: str) -> int:
    """Create a node, spin it until a signal or a shutdown of the context, and destroy it."""
    node = executor = None
    try:
        node = make_node()
        executor = TolerantExecutor(node)
        signals.call(executor.end)
        executor.run()
    except (PosenetError, ParameterException) as error:  # rclpy's own parameters: use_sim_time
        logger = node.get_logger() if node else get_logger(name)
        logger.fatal(reason_of(error))
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        signals.begin_end()
        if executor is not None:
            executor.shutdown()
        if node is not None:
            node.destroy_node()
        try_shutdown()
    return 0
