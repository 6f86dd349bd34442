"""Made videos that are played to posenet_node, each image after the poses in the one before."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from ros_graph import Graph
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from walking_people import people_at

from posenet_ros.msg import PoseArray
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.topics.qos import POSES_QOS

# Seconds between two images.
PERIOD = 0.1
# Stamp in seconds of the images that only find out whether the node receives images.
PROBE = 90


class Player:
    """Plays made videos to a node with one or more cameras; only the stamps tell how fast."""

    def __init__(self, graph: Graph, people: dict[str, int], *arguments: str) -> None:
        """Start a node with the cameras of these names, each of which sees so many people."""
        self._graph, self._people = graph, people
        topics = [f'/{name}/image' for name in people]
        for topic in topics:  # no image may be lost
            override = f'qos_overrides.{topic}.subscription.reliability:=reliable'
            arguments += ('-p', override)
        self.node = graph.start_posenet(
            *('-p', f'image_topics:=[{", ".join(topics)}]'),
            *('-p', 'image_scale_factor:=0.7'),
            *arguments,
        )
        self._received = {name: graph.collect_poses(f'/{name}/poses') for name in people}
        self._publishers = {
            name: graph.node.create_publisher(Image, topic, POSES_QOS)
            for name, topic in zip(people, topics, strict=True)
        }
        self.wait_for_the_node()

    def wait_for_the_node(self) -> None:
        """
        Publish images without people until their poses arrive.

        The counts of subscriptions do not tell: they may still be those of an earlier activation,
        and the node may not have discovered the test yet.
        """
        blank = to_image(np.zeros_like(people_at(0.0, count=1)[0]), stamped(PROBE))
        for name, received in self._received.items():
            self._graph.publish_until(self._publishers[name], blank, _growth_of(received), 'poses')

    def poses(self, name: str) -> list[PoseArray]:
        """Return the poses in the played images of a camera that have arrived so far."""
        return [one for one in self._received[name] if one.header.stamp.sec != PROBE]

    def play(
        self,
        seconds: Sequence[float],
        *,
        start: float = 100.0,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        """
        Publish the images of these times, each after the poses in the one before.

        `meanwhile` is called after the images of each time are published.
        """
        for second in seconds:
            pictures = {
                name: people_at(second, count=count)[0] for name, count in self._people.items()
            }
            self.show(pictures, stamped(start + second), meanwhile=meanwhile)

    def show(
        self,
        pictures: dict[str, NDArray[np.uint8]],
        header: Header,
        *,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        """Publish an image of each of these cameras, and wait for their poses."""
        before = {name: len(self.poses(name)) for name in pictures}
        for name, pixels in pictures.items():
            self.publish(name, to_image(pixels, header))
        meanwhile()
        self._graph.wait_until(
            lambda: all(len(self.poses(name)) > count for name, count in before.items()),
            f'poses in the images of {header.stamp}',
        )

    def publish(self, name: str, image: Image) -> None:
        """Publish an image of a camera, and wait for nothing."""
        self._publishers[name].publish(image)

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
    """Return a header with a stamp in seconds."""
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
