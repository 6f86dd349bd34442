"""Track ids and smoothed poses of posenet_node, in a separate process, over real DDS."""

from copy import copy
from typing import Any

from lifecycle_msgs.msg import Transition
from node_services import change_state, set_parameters
import pytest
from rclpy.qos import DurabilityPolicy
from ros_graph import Graph
from video_player import PERIOD, Player, stamped, times
from walking_people import people_at

from posenet_ros.msg import PoseArray
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.topics.qos import POSES_QOS

pytestmark = pytest.mark.usefixtures('network_075')


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
    player.play(times(4), start=140.0)
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
