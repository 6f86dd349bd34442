"""Track ids and smoothed poses of posenet_node, in a separate process, over real DDS."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from lifecycle_msgs.msg import Transition
from node_services import change_state, set_parameters
import numpy as np
import pytest
from rclpy.qos import DurabilityPolicy
from ros_graph import Graph
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from walking_people import people_at

from posenet_ros.msg import PoseArray
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.topics.qos import POSES_QOS

pytestmark = pytest.mark.usefixtures('network_075')

# Seconds between two images.
PERIOD = 0.1
# Stamp in seconds of the images that only find out whether the node receives images.
PROBE = 1


class Player:
    """Plays made videos to a node with one or more cameras; only the stamps tell how fast."""

    def __init__(self, graph: Graph, people: dict[str, int], *arguments: str) -> None:
        """Start a node with the cameras of these names, each of which sees so many people."""
        self._graph, self._people = graph, people
        topics = [f'/{name}/image' for name in people]
        for topic in topics:  # no image may be lost
            override = f'qos_overrides.{topic}.subscription.reliability:=reliable'
            arguments += ('-p', override)
        graph.start_posenet(
            *('-p', f'image_topics:=[{", ".join(topics)}]'),
            *('-p', 'image_scale_factor:=0.7'),
            *arguments,
        )
        self._received = {name: graph.collect_poses(f'/{name}/poses') for name in people}
        self._publishers = [
            graph.node.create_publisher(Image, topic, POSES_QOS) for topic in topics
        ]
        self.wait_for_the_node()

    def wait_for_the_node(self) -> None:
        """
        Publish images without people until their poses arrive.

        The counts of subscriptions do not tell: they may still be those of an earlier activation,
        and the node may not have discovered the test yet.
        """
        blank = to_image(np.zeros_like(people_at(0.0, count=1)[0]), stamped(PROBE))
        for publisher, received in zip(self._publishers, self._received.values(), strict=True):
            self._graph.publish_until(publisher, blank, _growth_of(received), 'poses')

    def poses(self, name: str) -> list[PoseArray]:
        """Return the poses in the played images of a camera that have arrived so far."""
        return [one for one in self._received[name] if one.header.stamp.sec != PROBE]

    def play(self, seconds: Sequence[float], *, start: float = 100.0) -> None:
        """Publish the images of these times, each after the poses in the one before."""
        for second in seconds:
            before = {name: len(self.poses(name)) for name in self._people}
            for publisher, count in zip(self._publishers, self._people.values(), strict=True):
                pixels, _ = people_at(second, count=count)
                publisher.publish(to_image(pixels, stamped(start + second)))
            self._graph.wait_until(
                lambda before=before: all(  # type: ignore[misc]
                    len(self.poses(name)) > count for name, count in before.items()
                ),
                f'poses at {second} s',
            )

    def ids(self, name: str) -> list[list[int]]:
        """Return the ids of the people in each image, from left to right; 0 for nobody there."""
        found = []
        for message in self.poses(name):
            stamp = message.header.stamp
            second = (stamp.sec + stamp.nanosec / 1e9) % 100
            _, noses = people_at(second, count=self._people[name])
            found.append([id_near(nose, message) for nose in noses])
        return found


def _growth_of(messages: list[PoseArray]) -> Callable[[], bool]:
    """Return a function that tells whether there are more messages than now."""
    before = len(messages)
    return lambda: len(messages) > before


def stamped(seconds: float) -> Header:
    nanoseconds = round(seconds * 1e9)
    header = Header()
    header.stamp.sec, header.stamp.nanosec = divmod(nanoseconds, 10**9)
    return header


def id_near(nose: float, message: PoseArray) -> int:
    """Return the id of the best pose whose nose is near this x, or 0."""
    near = [pose for pose in message.poses if abs(pose.keypoints[0].x - nose) < 20]
    return max(near, key=lambda pose: pose.score).track_id if near else 0


def times(count: int) -> list[float]:
    """Return the times of images in seconds."""
    return [PERIOD * number for number in range(count)]


def test_people_keep_their_ids_for_ten_seconds_and_each_camera_has_its_own(graph: Graph) -> None:
    player = Player(graph, {'front': 2, 'rear': 1})
    player.play(times(100))
    front, rear = player.ids('front')[2:], player.ids('rear')[2:]
    assert len(front) == len(rear) == 98
    assert sorted(front[0]) == [1, 2]
    assert front == [front[0]] * 98
    assert rear == [[1]] * 98


def test_after_a_jump_back_of_the_stamps_ids_start_again(graph: Graph) -> None:
    player = Player(graph, {'front': 2})
    player.play(times(4), start=200.0)
    player.play(times(4), start=100.0)
    ids = [sorted(image) for image in player.ids('front')]
    assert ids == [[0, 0], [0, 0], [1, 2], [1, 2]] * 2


def test_after_another_activation_ids_start_again(graph: Graph) -> None:
    player = Player(graph, {'front': 2})
    player.play(times(4))
    assert change_state(graph, Transition.TRANSITION_DEACTIVATE)
    assert change_state(graph, Transition.TRANSITION_ACTIVATE)
    player.wait_for_the_node()
    player.play(times(8)[4:])
    ids = [sorted(image) for image in player.ids('front')]
    assert ids == [[0, 0], [0, 0], [1, 2], [1, 2]] * 2


def test_tracking_can_be_switched_off_and_on_and_does_not_reuse_ids(graph: Graph) -> None:
    player = Player(graph, {'front': 1})
    player.play(times(3))
    assert set_parameters(graph, tracking=False).successful
    player.play([0.3, 0.4])
    assert set_parameters(graph, tracking=True).successful
    player.play([0.5, 0.6, 0.7])
    assert player.ids('front') == [[0], [0], [1], [0], [0], [0], [0], [2]]


def stamps(messages: list[Any]) -> list[tuple[int, int]]:
    return [(one.header.stamp.sec, one.header.stamp.nanosec) for one in messages]


def test_smoothed_poses_are_published_only_while_somebody_subscribes(graph: Graph) -> None:
    # A transient local publisher would send a new subscriber what it published before.
    durability = 'qos_overrides./front/poses_smoothed.publisher.durability:=transient_local'
    player = Player(graph, {'front': 1}, '-p', durability)
    player.play(times(3))
    latched = copy(POSES_QOS)
    latched.durability = DurabilityPolicy.TRANSIENT_LOCAL
    smoothed = graph.collect(PoseArray, '/front/poses_smoothed', latched)
    number = iter(range(3, 1000))
    graph.wait_until(lambda: smoothed, 'poses', lambda: player.play([PERIOD * next(number)]))
    player.play([PERIOD * next(number) for _ in range(3)])
    sent = stamps(player.poses('front'))
    graph.wait_until(lambda: stamps(smoothed)[-1] == sent[-1], 'the last smoothed poses')
    before = len(sent) - len(smoothed)
    assert stamps(smoothed) == sent[before:]
    assert before > 2
    assert [pose.track_id for pose in smoothed[-1].poses] == [1]


def test_a_subscriber_of_smoothed_poses_alone_is_enough_to_process_images(graph: Graph) -> None:
    graph.start_posenet()
    smoothed = graph.collect(PoseArray, 'poses_smoothed')
    pixels, _ = people_at(0.0, count=1)
    image = to_image(pixels, stamped(5.0))
    graph.publish_until(graph.image_publisher(), image, lambda: smoothed, 'smoothed poses')
    assert smoothed[0].header == image.header
