"""The closer look of posenet_node, in a separate process, over real DDS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
from lifecycle_msgs.msg import Transition
from node_services import change_state, set_parameters
import numpy as np
from numpy.typing import NDArray
from patched_programs import start_patched
import pytest
from rclpy.duration import Duration
from reports import Reports
from ros_graph import Graph, image_message, PATIENCE
from sensor_msgs.msg import Image
from video_player import Player, stamped, times
from walking_people import people_at

from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.topics.qos import POSES_QOS

pytestmark = pytest.mark.usefixtures('network_075')

CLOSER = ('-p', 'attention:=closer_look')
#: No search but the first one, and those for a reason.
RARELY = (*CLOSER, '-p', 'search_interval:=60.0')

Pixels = NDArray[np.uint8]


def shown(person: Pixels, *lefts: int) -> Pixels:
    """Return a grey picture, 240x640, with a small copy of a person's picture at each x."""
    room = np.full((240, 640, 3), 90, np.uint8)
    small = cv2.resize(person, (200, 200), interpolation=cv2.INTER_AREA)
    for left in lefts:
        right = left + 200
        room[20:220, left:right] = small
    return room


@pytest.mark.parametrize('batch', [1, 4])
def test_with_a_closer_look_people_keep_their_ids_and_cameras_do_not_affect_one_another(
    graph: Graph, batch: int
) -> None:
    people = {'front': 2, 'rear': 1, 'left': 0, 'right': 3}
    often = ('-p', 'search_interval:=0.4')
    player = Player(graph, people, *CLOSER, *often, '-p', f'max_batch_size:={batch}')
    player.play(times(12))
    for name, count in people.items():
        ids = player.ids(name)
        assert len(ids) == 12  # one message for each image
        assert sorted(ids[2]) == list(range(1, count + 1))
        assert ids[2:] == [ids[2]] * 10
        assert {len(message.poses) for message in player.poses(name)} == {count}


def test_max_regions_limits_the_regions_in_a_crowd(graph: Graph, astronaut: Pixels) -> None:
    reports = Reports(graph)
    graph.start_posenet(*CLOSER, '-p', 'max_regions:=4', '-p', 'max_pose_detections:=30')
    poses = graph.collect_poses()
    small = cv2.resize(astronaut, (128, 128), interpolation=cv2.INTER_AREA)
    crowd = image_message(np.tile(small, (5, 6, 1)))
    left_out = 'people without a region per image'
    graph.publish_until(
        graph.image_publisher(), crowd, lambda: reports.value(left_out), 'a report'
    )
    assert reports.value('regions processed per image') == '4.0'
    assert reports.value('whole image processed (% of images)') == '100'
    assert float(reports.value(left_out)) > 10
    assert len(poses[-1].poses) > 10


def test_attention_changes_at_run_time_and_no_image_or_id_is_lost(graph: Graph) -> None:
    player = Player(graph, {'front': 2}, '-p', 'search_interval:=0.5')
    player.play(times(4))
    start = 4
    for attention in ('closer_look', 'whole_image', 'closer_look'):
        # The first image is published before the change, and processed during or after it.
        player.play(
            [0.1 * start],
            meanwhile=lambda attention=attention: set_parameters(  # type: ignore[misc]
                graph, attention=attention
            ),
        )
        following = start + 1
        start += 8
        player.play(times(start)[following:])
    ids = player.ids('front')
    assert len(ids) == start
    assert sorted(ids[2]) == [1, 2]
    assert ids[2:] == [ids[2]] * (start - 2)
    assert 'WARN' not in player.node.output


class Watched:
    """A camera that looks at a room; images are 0.1 s apart."""

    def __init__(self, graph: Graph, person: Pixels) -> None:
        self.graph, self.second = graph, 200.0
        self.one, self.two = shown(person, 20), shown(person, 20, 420)
        self.player = Player(graph, {'front': 1}, *RARELY)

    def people_in(self, picture: Pixels) -> int:
        """Show the next image, and return how many people were found in it."""
        self.second += 0.1
        self.player.show({'front': picture}, stamped(self.second))
        return len(self.player.poses('front')[-1].poses)

    def overlook_the_second(self) -> None:
        """Get to a point at which somebody new is not found, because nothing is searched."""
        self.second += 2.0  # nobody is remembered for so long
        seen = [self.people_in(picture) for picture in (self.one, self.one, self.two, self.two)]
        assert seen[1:] == [1, 1, 1]

    def change(self, **values: Any) -> None:
        assert set_parameters(self.graph, **values).successful

    def refuse(self) -> None:
        """Publish an image that the node refuses."""
        bad = to_image(self.two, stamped(self.second))
        bad.encoding = 'rgb9'
        self.player.publish('front', bad)
        self.graph.wait_until(lambda: 'rgb9' in self.player.node.output, 'a warning')

    def activate_again(self) -> None:
        assert change_state(self.graph, Transition.TRANSITION_DEACTIVATE)
        assert change_state(self.graph, Transition.TRANSITION_ACTIVATE)
        self.player.wait_for_the_node()

    def jump_back(self) -> None:
        self.second -= 50

    def change_the_size(self) -> None:
        self.two = self.two[:-10]

    def look_at_whole_images(self) -> None:
        self.change(attention='whole_image')
        assert self.people_in(self.two) == 2
        self.change(attention='closer_look')

    def find_a_single_person(self) -> None:
        self.change(decoding_method='single_person')
        assert self.people_in(self.two) == 1
        self.change(decoding_method='multi_person')

    def mirror(self) -> None:
        self.change(flip_horizontal=True)


def test_whatever_ends_what_is_known_is_followed_by_a_search(
    graph: Graph, astronaut: Pixels
) -> None:
    camera = Watched(graph, astronaut)
    camera.overlook_the_second()
    camera.refuse()
    assert camera.people_in(camera.two) == 1  # a refused image ends nothing
    events: list[Callable[[], None]] = [
        camera.jump_back,
        camera.look_at_whole_images,
        camera.find_a_single_person,
        camera.mirror,
        camera.activate_again,
        camera.change_the_size,
    ]
    for event in events:
        camera.overlook_the_second()
        event()
        assert camera.people_in(camera.two) == 2, event.__name__


def test_images_without_stamps_are_observed_as_soon_as_somebody_subscribes(graph: Graph) -> None:
    reports = Reports(graph)
    graph.start_posenet(*CLOSER, '-p', 'search_interval:=0.2', '-p', 'image_scale_factor:=0.7')
    publisher = graph.image_publisher()
    images = [image_message(people_at(0.0, count=count)[0], second=0) for count in (1, 2)]
    skipped = 'images skipped (no subscribers)'
    graph.publish_until(
        publisher, images[0], lambda: reports.value(skipped) not in ('', '0'), 'skipped images'
    )
    poses = graph.collect_poses()

    def ids() -> list[int]:
        return [pose.track_id for pose in poses[-1].poses] if poses else []

    graph.publish_until(publisher, images[0], lambda: ids() == [1], 'the id of the person')
    graph.publish_until(
        publisher,
        images[1],
        lambda: len(ids()) == 2 and 1 in ids() and 0 not in ids(),
        'the ids of two people, of whom one is known',
    )


#: Makes posenet_node wait before it processes regions, while a file exists.
HOLD = """
import pathlib, time
from posenet_ros.estimation.closer_look import CloserLook
hold, look = pathlib.Path({path!r}), CloserLook.look
def look_later(*arguments):
    print('looking closer', flush=True)
    while hold.exists():
        time.sleep(0.01)
    return look(*arguments)
CloserLook.look = look_later
"""


def test_of_the_images_that_arrive_during_a_closer_look_only_the_newest_is_processed(
    graph: Graph, astronaut: Pixels, tmp_path: Path
) -> None:
    hold = tmp_path / 'hold'
    hold.touch()
    reliable = 'qos_overrides./image_raw.subscription.reliability:=reliable'
    node = start_patched(
        graph, tmp_path, HOLD.format(path=str(hold)), *CLOSER, '-p', reliable, '-p', 'lazy:=false'
    )
    poses = graph.collect_poses()
    publisher = graph.node.create_publisher(Image, 'image_raw', POSES_QOS)
    graph.wait_until(publisher.get_subscription_count, 'the subscriber')
    graph.wait_until(lambda: graph.node.count_publishers('poses'), 'the publisher of poses')
    person = shown(astronaut, 20)
    publisher.publish(image_message(person, second=1))
    graph.wait_until(lambda: 'looking closer' in node.output, 'the first closer look')
    for second in range(2, 6):
        publisher.publish(image_message(person, second=second))
    assert publisher.wait_for_all_acked(Duration(seconds=PATIENCE))
    hold.unlink()
    graph.wait_until(lambda: len(poses) == 2, 'the poses in two images')
    publisher.publish(image_message(person, second=6))
    graph.wait_until(lambda: len(poses) == 3, 'the poses in the last image')
    assert [message.header.stamp.sec for message in poses] == [1, 5, 6]
