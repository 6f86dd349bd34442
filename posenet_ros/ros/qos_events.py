"""What the middleware tells of peers that do not fit and of messages that got lost."""

from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import qos_policy_name_from_kind, QoSPolicyKind

from posenet_ros.ros.camera_statistics import CameraStatistics

#: Policies of a camera's topics that parameters can override at the start.
OVERRIDABLE = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)


class QosEvents:
    """Counts the events of a camera's topics, and says once of each what to do about it."""

    def __init__(self, node: Node, statistics: CameraStatistics) -> None:
        """Take the node that logs, and the statistics that count."""
        self._node = node
        self._statistics = statistics
        self._said: set[str] = set()

    def of_subscription(self, topic: str, *, images: bool) -> SubscriptionEventCallbacks:
        """Return the callbacks for a subscription; only lost images count as lost."""

        def lost(event: object) -> None:
            self._statistics.lost(event.total_count_change)  # type: ignore[attr-defined]
            self._say(
                f'{topic}: messages get lost on their way here: give the middleware more shared '
                'memory, also for the camera (README, "Lost images")'
            )

        def incompatible(event: object) -> None:
            self._incompatible(topic, 'subscription', event)

        return SubscriptionEventCallbacks(
            incompatible_qos=incompatible,
            message_lost=lost if images else None,
            use_default_callbacks=False,
        )

    def of_publisher(self, topic: str) -> PublisherEventCallbacks:
        """Return the callbacks for the publisher of a topic."""

        def incompatible(event: object) -> None:
            self._incompatible(topic, 'publisher', event)

        return PublisherEventCallbacks(incompatible_qos=incompatible, use_default_callbacks=False)

    def _incompatible(self, topic: str, end: str, event: object) -> None:
        policy = qos_policy_name_from_kind(event.last_policy_kind)  # type: ignore[attr-defined]
        self._statistics.incompatible(policy)
        remedy = 'change it there'
        if policy in {kind.name for kind in OVERRIDABLE}:
            remedy += f', or here with the parameter qos_overrides.{topic}.{end}.{policy.lower()}'
        self._say(f'{topic}: a peer gets nothing here, as its {policy} does not fit; {remedy}')

    def _say(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self._node.get_logger().warning(message)
