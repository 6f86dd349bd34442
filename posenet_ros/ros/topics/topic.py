"""A topic of a node: its name before and after remapping, and who is on it."""

from dataclasses import dataclass

from rclpy.node import Node

from posenet_ros.ros.rclpy_release import TopicEndpointInfo


@dataclass(frozen=True)
class Topic:
    """
    A topic of a node.

    ROS remaps a name when a publisher or a subscription is created. rclpy remaps it in some
    queries of the ROS graph, too, but not in others. A name that is already remapped must not be
    remapped again: if two names are swapped, that leads back to the first one.
    """

    #: The name before remapping, to create publishers and subscriptions with.
    given: str
    #: The full name, in the node's namespace and remapped, as ROS reports it.
    resolved: str

    def count_publishers(self, node: Node) -> int:
        """Return how many publishers the topic has in the ROS graph."""
        return node.count_publishers(self.resolved)  # does not remap

    def publishers(self, node: Node) -> list[TopicEndpointInfo]:
        """Return the publishers of the topic in the ROS graph."""
        return list(node.get_publishers_info_by_topic(self.given))  # remaps

    def subscriptions(self, node: Node) -> list[TopicEndpointInfo]:
        """Return the subscriptions to the topic in the ROS graph."""
        return list(node.get_subscriptions_info_by_topic(self.given))  # remaps


def topic_of(node: Node, name: str) -> Topic:
    """Return the topic that a node means by a name."""
    return Topic(given=name, resolved=node.resolve_topic_name(name))


def is_remapped(node: Node, name: str) -> bool:
    """Return whether a remapping of the node changes this name."""
    return bool(node.resolve_topic_name(name) != node.resolve_topic_name(name, only_expand=True))
