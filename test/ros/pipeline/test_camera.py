from collections.abc import Iterator

import pytest
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from ros_graph import Graph
from sensor_msgs.msg import Image

from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.topics.camera_topics import topics_beside
from posenet_ros.ros.topics.qos import IMAGE_QOS


@pytest.fixture
def camera(graph: Graph) -> Camera:
    """Return a camera of the test's own node."""
    return Camera(graph.node, topics_beside('/front/image'))


def test_a_camera_knows_its_topics_as_others_see_them(camera: Camera) -> None:
    assert (camera.name, camera.poses_topic) == ('/front/image', '/front/poses')


def test_an_annotated_image_is_wanted_only_while_someone_subscribes(
    graph: Graph, camera: Camera
) -> None:
    assert not camera.annotated_is_wanted
    subscription = graph.node.create_subscription(
        Image, '/front/image_annotated', lambda _: None, IMAGE_QOS
    )
    graph.wait_until(lambda: camera.annotated_is_wanted, 'the subscriber to be seen')
    graph.node.destroy_subscription(subscription)
    graph.wait_until(lambda: not camera.annotated_is_wanted, 'the subscriber to be gone')


@pytest.fixture
def taken(graph: Graph, camera: Camera) -> Iterator[list[int | None]]:
    """Return a list that fills with how many images were missed before each one taken."""
    missed: list[int | None] = []
    # Only the rule is tested here: who executes the group, and when, is the receiver's business.
    group = MutuallyExclusiveCallbackGroup()
    camera.start(group, lambda _camera, _message, count: missed.append(count))
    yield missed
    camera.close()


def test_images_that_newer_ones_replace_are_missed(
    graph: Graph, camera: Camera, taken: list[int | None]
) -> None:
    publisher = graph.image_publisher(camera.name)
    publisher.publish(Image())
    graph.wait_until(lambda: taken, 'the first image')
    for _ in range(4):  # nobody takes any meanwhile
        publisher.publish(Image())
    graph.wait_until(lambda: len(taken) > 1, 'another image')
    assert taken[0] is None
    assert sum(filter(None, taken)) > 0
