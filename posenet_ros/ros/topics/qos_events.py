"""What the middleware tells of peers that do not fit and of messages that got lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import threading
import time
from typing import Literal

from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import (
    qos_check_compatible,
    qos_policy_name_from_kind,
    QoSCompatibility,
    QoSPolicyKind,
)

from posenet_ros.errors import SettingError

#: Policies of a camera's topics that parameters can override at the start.
OVERRIDABLE = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)

# Seconds that a peer gets to be seen in the graph after the middleware has told of it.
_SETTLED = 2.0

_End = Literal['publisher', 'subscription']


@dataclass(frozen=True)
class Mismatch:
    """Peers on a topic that get or send nothing, as their quality of service does not fit."""

    topic: str
    #: The name that rclpy gives the policy, such as RELIABILITY.
    policy: str
    #: How many there are at the moment.
    peers: int = 1


@dataclass(frozen=True)
class _Meeting:
    """A peer that the middleware has told of: in which policy, at our which end, and when."""

    policy: str
    end: _End
    time: float


@contextmanager
def refusing_overrides(topic: str, end: _End) -> Iterator[None]:
    """Raise SettingError when an end of a topic cannot be made with its overridden quality."""
    try:
        yield
    except Exception as error:  # rclpy's have no other common class
        raise SettingError(
            f'qos_overrides.{topic}.{end} is refused: {error}; start the node anew with another'
        ) from error


class QosEvents:
    """Listens to the events of a camera's topics, and says once of each what to do about it."""

    def __init__(self, node: Node, lost: Callable[[int], object]) -> None:
        """Take the node that logs, and what is to be called with a number of lost images."""
        self._node = node
        self._lost = lost
        # Images' events come in the thread that takes images, others in the executor's.
        self._lock = threading.Lock()
        self._met: dict[str, _Meeting] = {}
        self._said: set[str] = set()

    def of_subscription(self, topic: str, *, images: bool) -> SubscriptionEventCallbacks:
        """Return the callbacks for a subscription; only lost images count as lost."""

        def lost(event: object) -> None:
            self._lost(event.total_count_change)  # type: ignore[attr-defined]
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

    def mismatches(self) -> tuple[Mismatch, ...]:
        """
        Return the peers that do not fit and are still there.

        The middleware tells when it meets such a peer, and not when the peer is gone: that is
        looked up in the graph.
        """
        now, present = time.monotonic(), []
        for topic, met in list(self._met.items()):
            peers = self._misfits(topic, met.end)
            if peers or now - met.time < _SETTLED:
                present.append(Mismatch(topic, met.policy, max(peers, 1)))
            else:
                self._forget(topic, met)
        return tuple(present)

    def _forget(self, topic: str, met: _Meeting) -> None:
        """Forget a meeting, unless another has taken its place meanwhile."""
        with self._lock:
            if self._met.get(topic) is met:
                del self._met[topic]

    def _misfits(self, topic: str, end: _End) -> int:
        """Return how many peers on a topic do not fit our end of it."""
        publishers = self._node.get_publishers_info_by_topic(topic)
        subscriptions = self._node.get_subscriptions_info_by_topic(topic)
        me = self._node.get_name(), self._node.get_namespace()
        ends = publishers if end == 'publisher' else subscriptions
        mine = [one for one in ends if (one.node_name, one.node_namespace) == me][:1]
        pairs = (
            [(one, peer) for one in mine for peer in subscriptions]
            if end == 'publisher'
            else [(peer, one) for one in mine for peer in publishers]
        )
        return sum(
            qos_check_compatible(sent.qos_profile, taken.qos_profile)[0] == QoSCompatibility.ERROR
            for sent, taken in pairs
        )

    def _incompatible(self, topic: str, end: _End, event: object) -> None:
        policy = qos_policy_name_from_kind(event.last_policy_kind)  # type: ignore[attr-defined]
        with self._lock:
            self._met[topic] = _Meeting(policy, end, time.monotonic())
        remedy = 'change it there'
        if policy in {kind.name for kind in OVERRIDABLE}:
            remedy += f', or here with the parameter qos_overrides.{topic}.{end}.{policy.lower()}'
        self._say(f'{topic}: a peer gets nothing here, as its {policy} does not fit; {remedy}')

    def _say(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self._node.get_logger().warning(message)
