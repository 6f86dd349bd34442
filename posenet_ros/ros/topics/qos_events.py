"""Events that the middleware reports: peers with incompatible QoS, and lost messages."""

from collections.abc import Callable
from dataclasses import dataclass
import threading
import time

from rclpy.node import Node
from rclpy.qos import qos_check_compatible, qos_policy_name_from_kind, QoSCompatibility

from posenet_ros.ros.rclpy_release import PublisherEventCallbacks, SubscriptionEventCallbacks
from posenet_ros.ros.topics.hosts import own_endpoint, Place, publisher_places
from posenet_ros.ros.topics.qos import OVERRIDABLE, TopicEnd
from posenet_ros.ros.topics.topic import Topic

# The middleware may report a peer before the ROS graph shows it. For this many seconds after the
# report, a peer counts as present even if the graph does not show it.
_GRAPH_DELAY = 2.0

# What to do about lost images.
_LOCAL = (
    'give it more shared memory, in this process and in the camera driver (README, "Lost images")'
)
_REMOTE = (
    'the publisher is on another host or in another container, and the network loses parts of '
    'large images: publish and subscribe to compressed images, or make both ends reliable '
    '(README, "Camera on another host")'
)
_EITHER = (
    f'if the publisher is on this host, {_LOCAL}; if not, use compressed images (README, "Camera '
    'on another host")'
)
# By where the publishers are.
_LOSS_REMEDIES: dict[frozenset[Place], str] = {
    frozenset({'here'}): _LOCAL,
    frozenset({'elsewhere'}): _REMOTE,
    frozenset({'here', 'elsewhere'}): _EITHER,
    frozenset(): _EITHER,
}


@dataclass(frozen=True)
class IncompatiblePeers:
    """Peers on a topic whose QoS is incompatible, so they exchange no messages with this node."""

    topic: str
    #: The incompatible policy, as rclpy names it, such as RELIABILITY.
    policy: str
    #: How many there are now.
    count: int = 1


@dataclass(frozen=True)
class _Report:
    """The middleware's last report of an incompatible peer on a topic."""

    policy: str
    #: Our end of the topic.
    end: TopicEnd
    #: When it came, on the monotonic clock, in seconds.
    time: float


class QosEvents:
    """
    The events of a camera's topics.

    Each kind of event is logged once for each topic, with the remedy.
    """

    def __init__(self, node: Node, lost: Callable[[int], object]) -> None:
        """Log to `node`, and call `lost` with the number of images whenever some are lost."""
        self._node = node
        self._lost = lost
        # Callbacks for image subscriptions run in the thread that receives images, all others in
        # the executor's thread.
        self._lock = threading.Lock()
        self._reports: dict[Topic, _Report] = {}
        self._logged: set[str] = set()
        self._losing: set[Topic] = set()

    def of_subscription(self, topic: Topic, *, images: bool) -> SubscriptionEventCallbacks:
        """Return the callbacks for a subscription; lost messages count only if they are images."""

        def incompatible(event: object) -> None:
            self._on_incompatible(topic, 'subscription', event)

        def lost(event: object) -> None:
            self._on_lost(topic, event)

        return SubscriptionEventCallbacks(
            incompatible_qos=incompatible,
            message_lost=lost if images else None,
            use_default_callbacks=False,
        )

    def of_publisher(self, topic: Topic) -> PublisherEventCallbacks:
        """Return the callbacks for a publisher."""

        def incompatible(event: object) -> None:
            self._on_incompatible(topic, 'publisher', event)

        return PublisherEventCallbacks(incompatible_qos=incompatible, use_default_callbacks=False)

    def incompatible_peers(self) -> tuple[IncompatiblePeers, ...]:
        """
        Return the incompatible peers that are still present.

        The middleware reports when such a peer appears, but not when it leaves. So this method
        checks the ROS graph.
        """
        now, present = time.monotonic(), []
        for topic, report in list(self._reports.items()):
            count = self._count_incompatible(topic, report.end)
            if count or now - report.time < _GRAPH_DELAY:
                present.append(IncompatiblePeers(topic.resolved, report.policy, max(count, 1)))
            else:
                self._forget(topic, report)
        return tuple(present)

    def _forget(self, topic: Topic, report: _Report) -> None:
        """Forget a report, unless a newer one has replaced it in the meantime."""
        with self._lock:
            if self._reports.get(topic) is report:
                del self._reports[topic]

    def _count_incompatible(self, topic: Topic, end: TopicEnd) -> int:
        """Return how many peers on a topic are incompatible with our end of it."""
        publishers, subscriptions = topic.publishers(self._node), topic.subscriptions(self._node)
        ends, peers = publishers, subscriptions
        if end == 'subscription':
            ends, peers = peers, ends
        own = own_endpoint(self._node, ends)
        if own is None:
            return 0
        pairs = [(own, peer) if end == 'publisher' else (peer, own) for peer in peers]
        return sum(
            qos_check_compatible(publisher.qos_profile, subscription.qos_profile)[0]
            == QoSCompatibility.ERROR
            for publisher, subscription in pairs
        )

    def _on_lost(self, topic: Topic, event: object) -> None:
        self._lost(event.total_count_change)  # type: ignore[attr-defined]
        if topic not in self._losing:
            self._losing.add(topic)
            remedy = _LOSS_REMEDIES[publisher_places(self._node, topic)]
            self._node.get_logger().warning(
                f'{topic.resolved}: the middleware loses images; {remedy}'
            )

    def _on_incompatible(self, topic: Topic, end: TopicEnd, event: object) -> None:
        policy = qos_policy_name_from_kind(event.last_policy_kind)  # type: ignore[attr-defined]
        with self._lock:
            self._reports[topic] = _Report(policy, end, time.monotonic())
        peer = 'subscriber' if end == 'publisher' else 'publisher'
        override = f'qos_overrides.{topic.resolved}.{end}.{policy.lower()}'
        remedy = f'change it in the {peer}'
        if policy in {kind.name for kind in OVERRIDABLE}:
            remedy += f', or here with the parameter {override}'
        self._log_once(
            f'{topic.resolved}: a {peer} exchanges no messages with this node, as its {policy} is '
            f'incompatible; {remedy}'
        )

    def _log_once(self, message: str) -> None:
        if message not in self._logged:
            self._logged.add(message)
            self._node.get_logger().warning(message)
