"""On which host the publishers of a topic run, as the ROS graph shows it."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from rclpy.node import Node

from posenet_ros.ros.rclpy_release import TopicEndpointInfo
from posenet_ros.ros.topics.middleware import is_fast_dds
from posenet_ros.ros.topics.topic import Topic

#: Where a publisher runs: on the host of this node, or on another host or in another container.
Place: TypeAlias = Literal['here', 'elsewhere']


def publisher_places(node: Node, topic: Topic) -> frozenset[Place]:
    """
    Return where the publishers of a topic run.

    It is empty unless the node subscribes to the topic and the middleware is Fast DDS.
    """
    own = own_endpoint(node, topic.subscriptions(node))
    if own is None or not is_fast_dds():
        return frozenset()
    return frozenset(_place(one, own) for one in topic.publishers(node))


def own_endpoint(node: Node, endpoints: Sequence[TopicEndpointInfo]) -> TopicEndpointInfo | None:
    """Return the node's own endpoint among those of a topic; None until the graph shows it."""
    name = node.get_name(), node.get_namespace()
    own = (one for one in endpoints if (one.node_name, one.node_namespace) == name)
    return next(own, None)


def _place(endpoint: TopicEndpointInfo, own: TopicEndpointInfo) -> Place:
    """
    Return where an endpoint is, from its GID.

    Fast DDS writes the vendor and then a hash of the host into the first four bytes, and uses
    shared memory only between equal hosts. Containers with different addresses are different
    hosts.
    """
    return (
        'here' if bytes(endpoint.endpoint_gid[:4]) == bytes(own.endpoint_gid[:4]) else 'elsewhere'
    )
