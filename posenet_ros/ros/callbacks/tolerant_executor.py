"""An executor that continues after an exception."""

import time
from typing import Any

from rclpy.executors import (
    ConditionReachedException,
    ExternalShutdownException,
    ShutdownException,
    SingleThreadedExecutor,
    TimeoutException,
)
from rclpy.node import Node

from posenet_ros.errors import PosenetError
from posenet_ros.ros.callbacks.callback_errors import CallbackErrors
from posenet_ros.ros.callbacks.guarded_node import GuardedNode

# Seconds until the next attempt after rclpy failed to take a message or to wait for one.
_RETRY_PERIOD = 0.05


class TolerantExecutor(SingleThreadedExecutor):
    """
    Spins one node. An exception is logged, and the executor continues.

    rclpy's own executors raise it out of `spin`. If taking a message raised it, for example
    because of a string that is not UTF-8, they also leave the entity and its callback group
    blocked: its private attribute `_executor_event` stays set, and `ending_execution` is not
    called. This executor undoes both.

    Only a PosenetError is raised, because it is meant to end the node.
    """

    def __init__(self, node: Node) -> None:
        """Add the node."""
        super().__init__(context=node.context)
        # A limit of log lines that the node and this executor share.
        if isinstance(node, GuardedNode):
            self._errors = node.callback_errors
        else:
            self._errors = CallbackErrors(node)
        self._ending = False
        self.add_node(node)

    def run(self) -> None:
        """Run callbacks until `end` is called or the context is shut down."""
        while self.context.ok() and not self._ending:
            self.spin_once()

    def end(self) -> None:
        """Make `run` return after the current callback; for any thread."""
        self._ending = True
        self.wake()

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait for one callback and run it; raises only PosenetError."""
        try:
            ready: Any = self.wait_for_ready_callbacks(timeout_sec, None, self._is_ending)
        except (ConditionReachedException, TimeoutException):
            return
        except (ExternalShutdownException, ShutdownException):
            self._ending = True
            return
        except Exception as error:  # for example about an entity that was just destroyed
            self._errors.log('waiting for messages', error)
            time.sleep(_RETRY_PERIOD)
            return
        task, entity, _ = ready
        task()
        raised = task.exception()
        if raised is not None:
            self._handle(entity, raised)

    def _is_ending(self) -> bool:
        return self._ending

    def _handle(self, entity: Any, error: Exception) -> None:
        if isinstance(error, PosenetError):
            raise error
        taken = entity is None or not entity._executor_event
        self._errors.log('a callback' if taken else 'receiving a message', error)
        if not taken:
            entity._executor_event = False
            entity.callback_group.ending_execution(entity)
            time.sleep(_RETRY_PERIOD)
