"""The poses of `posenet bag` and those of posenet_node, over real DDS, for the same images."""

from functools import partial
from pathlib import Path
from typing import Any

from bag_conversions import convert, settings, two_cameras
from made_bags import read_bytes, write_bag
import numpy as np
import pytest
from rclpy.serialization import deserialize_message
from ros_graph import Graph
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from posenet_ros.msg import PoseArray
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.conversions.jpeg_messages import to_compressed
from posenet_ros.ros.topics.qos import POSES_QOS

# The images of the bag, by the name of their camera.
CAMERAS = {
    'front': ('/front/image_raw', Image),
    'rear': ('/rear/image_raw/compressed', CompressedImage),
}
# Stamp in seconds of the images that only find out whether the node receives images.
PROBE = 90


def probes() -> dict[str, Any]:
    """Return an image without people for each camera."""
    blank, stamped = np.zeros((140, 480, 3), np.uint8), Header()
    stamped.stamp.sec = PROBE
    return {'front': to_image(blank, stamped), 'rear': to_compressed(blank, stamped, quality=90)}


class Node:
    """A node with the cameras of the bag, to which their images are published in turn."""

    def __init__(self, graph: Graph, attention: str) -> None:
        """Start it, and wait until it receives images."""
        self._graph = graph
        topics = [topic for topic, _ in CAMERAS.values()]
        reliable = [
            f'qos_overrides.{topic}.subscription.reliability:=reliable' for topic in topics
        ]
        search = 'search_interval:=0.3'
        values = [f'image_topics:=[{", ".join(topics)}]', 'image_scale_factor:=0.7', search]
        parameters = [*values, f'attention:={attention}', *reliable]
        graph.start_posenet(*(word for one in parameters for word in ('-p', one)))
        self._received = {name: graph.collect_poses(f'/{name}/poses') for name in CAMERAS}
        self._publishers = {
            name: graph.node.create_publisher(kind, topic, POSES_QOS)
            for name, (topic, kind) in CAMERAS.items()
        }
        for name, probe in probes().items():
            received, publisher = self._received[name], self._publishers[name]
            graph.publish_until(publisher, probe, partial(bool, received), 'poses')

    def poses(self, name: str) -> list[PoseArray]:
        """Return the poses in the images of a camera that have arrived so far."""
        return [one for one in self._received[name] if one.header.stamp.sec != PROBE]

    def play(self, name: str, message: bytes) -> None:
        """Publish a message of a bag, and wait for the poses in it."""
        count = len(self.poses(name))
        self._publishers[name].publish(deserialize_message(message, CAMERAS[name][1]))
        self._graph.wait_until(lambda: len(self.poses(name)) > count, 'poses')


@pytest.mark.usefixtures('network_075')
@pytest.mark.parametrize('attention', ['whole_image', 'closer_look'])
def test_the_poses_in_a_bag_are_those_that_the_node_publishes(
    graph: Graph, tmp_path: Path, attention: str
) -> None:
    source = write_bag(tmp_path / 'in', two_cameras(5))
    convert(source, tmp_path / 'out', settings(attention=attention))
    node = Node(graph, attention)
    for number in range(5):
        for name, (topic, _) in CAMERAS.items():
            node.play(name, read_bytes(source, topic)[number])
    for name in CAMERAS:
        written = read_bytes(tmp_path / 'out', f'/{name}/poses')
        assert [deserialize_message(one, PoseArray) for one in written] == node.poses(name)
        assert max(pose.track_id for pose in node.poses(name)[-1].poses) >= 1
