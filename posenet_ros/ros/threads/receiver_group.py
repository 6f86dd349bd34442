"""
The subscriptions of a receiver: a callback group and an executor for one thread.

Both use only the public interface of rclpy, with one exception. rclpy marks an entity as taken by
setting its private attribute `_executor_event`, and does not reset it if taking a message raises
an exception. Without `RoundRobinGroup.release_all`, such a subscription would never run again.
"""

import threading
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.subscription import Subscription


class RoundRobinGroup(CallbackGroup):
    """
    Lets each callback run at most once per round, and only in one thread.

    A batch consists of the messages that are processed together. A round may span several batches,
    but a subscription is served at most once in a batch.
    """

    def __init__(self, thread: threading.Thread) -> None:
        """Create an empty group for callbacks that run in `thread`."""
        super().__init__()
        self._thread = thread
        self._served_in_round: set[object] = set()
        self._served_in_batch: set[object] = set()
        #: How many callbacks have begun since the group was created.
        self.begun = 0

    def can_execute(self, entity: object) -> bool:
        """Return whether an executor may run a callback now."""
        right_thread = threading.current_thread() is self._thread
        return right_thread and entity not in self._served_in_round

    def beginning_execution(self, entity: object) -> bool:
        """Record that a callback begins."""
        self._served_in_round.add(entity)
        self._served_in_batch.add(entity)
        self.begun += 1
        return True

    def ending_execution(self, entity: object) -> None:
        """Do nothing: a callback was recorded when it began."""

    @property
    def has_unserved(self) -> bool:
        """Whether any subscription has not been served in this round."""
        return any(
            isinstance(entity := reference(), Subscription) and entity not in self._served_in_round
            for reference in self.entities
        )

    def begin_batch(self) -> None:
        """Begin a new batch in the same round."""
        self._served_in_batch.clear()

    def begin_round(self) -> None:
        """Begin a new round, in which those served in the current batch count as served."""
        self._served_in_round = set(self._served_in_batch)

    def release_all(self) -> None:
        """Make every entity executable again, after rclpy failed to take a message."""
        for reference in self.entities:
            entity = reference()
            if entity is not None:
                entity._executor_event = False


class GroupExecutor(SingleThreadedExecutor):
    """
    Runs only the callbacks of one group, of a node that another executor spins.

    rclpy would also run guard conditions of the node that are in no group; our node has none.
    """

    def __init__(self, node: Node, group: CallbackGroup) -> None:
        """Run the callbacks of `group`, which belong to `node`."""
        super().__init__(context=node.context)
        self._node = node
        self._group = group

    def get_nodes(self) -> list[Node]:
        """Return the node, which is not added to this executor because another one spins it."""
        return [self._node]

    def can_execute(self, entity: Any) -> bool:
        """Return whether an entity is in the group and may run now."""
        return entity.callback_group is self._group and bool(super().can_execute(entity))
