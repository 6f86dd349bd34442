"""Detection of several publishers on the image topic of one camera."""

from collections.abc import Sequence

from rclpy.node import Node

from posenet_ros.ros.rclpy_release import TopicEndpointInfo
from posenet_ros.ros.topics.topic import Topic

# Seconds that a killed publisher stays in the ROS graph: the lease of Fast DDS is 20 s.
_LEASE = 25.0


class PublisherConflict:
    """
    The nodes that publish the same image topic.

    Several publishers of one node name count only after 25 s: if a camera driver was killed and
    started again, the ROS graph shows the killed one for about 20 s.
    """

    def __init__(self) -> None:
        """Start without a conflict."""
        self._since: float | None = None
        #: Full names of the nodes, one per publisher; empty if there is no conflict.
        self.nodes: tuple[str, ...] = ()

    def update(self, now: float, nodes: Sequence[str]) -> bool:
        """
        Update the conflict, and return whether it is a new one.

        `nodes` are the full names of the nodes, one per publisher. `now` is the time in seconds of
        a steady clock.
        """
        previous = self.nodes
        if len(nodes) < 2:
            self._since, self.nodes = None, ()
            return False
        if self._since is None:
            self._since = now
        lasts = now - self._since >= _LEASE
        self.nodes = tuple(nodes) if lasts or len(set(nodes)) > 1 else ()
        return bool(self.nodes and not previous)


def several_publishers(nodes: Sequence[str]) -> str:
    """Return the message about several nodes that publish the images of one camera."""
    return (
        f'the topic has {len(nodes)} publishers, and their images get mixed: stop all but one of '
        f'{", ".join(nodes)}, or remap its topic'
    )


def publishing_nodes(node: Node, topic: Topic) -> list[str]:
    """
    Return the full names of the nodes that publish a topic, sorted, one name per publisher.

    If there are less than two, return an empty list.
    """
    if topic.count_publishers(node) < 2:  # faster than the names
        return []
    return sorted(_full_name(one) for one in topic.publishers(node))


def _full_name(endpoint: TopicEndpointInfo) -> str:
    return f'{endpoint.node_namespace.rstrip("/")}/{endpoint.node_name}'
