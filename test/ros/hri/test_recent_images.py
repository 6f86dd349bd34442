"""The images that are kept to cut people out of them, over real DDS."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph, image_message
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from posenet_ros.ros.conversions.jpeg_messages import to_compressed
from posenet_ros.ros.hri.recent_images import RecentImages
from posenet_ros.ros.topics.camera_topics import camera_topics
from posenet_ros.ros.topics.given_topics import TopicSettings
from posenet_ros.ros.topics.qos import POSES_QOS

PIXELS = np.full((20, 30, 3), 100, np.uint8)


def recent_images(graph: Graph, *, transport: str = 'raw') -> RecentImages:
    (topics,) = camera_topics(
        graph.node, TopicSettings(image_topics=['/front/image'], image_transport=transport)
    )
    return RecentImages(graph.node, topics, max_pixels=20 * 40)


def header(second: int) -> Header:
    made = Header()
    made.stamp.sec = second
    return made


def find(graph: Graph, images: RecentImages, message: Any) -> NDArray[np.uint8]:
    """Publish an image until it is found, and return its pixels."""
    topic = '/front/image' + ('/compressed' if isinstance(message, CompressedImage) else '')
    publisher = graph.node.create_publisher(type(message), topic, POSES_QOS)
    found: list[Any] = []

    def try_to_find() -> None:
        publisher.publish(message)
        pixels = images.find(message.header)
        if pixels is not None:
            found.append(pixels)

    graph.wait_until(lambda: found, 'the image', try_to_find)
    pixels: NDArray[np.uint8] = found[0]
    return pixels


def test_an_image_is_found_by_its_stamp(graph: Graph) -> None:
    images = recent_images(graph)
    images.receive(True)
    np.testing.assert_array_equal(find(graph, images, image_message(PIXELS, second=7)), PIXELS)
    assert images.find(header(8)) is None


def test_an_image_without_a_stamp_is_not_found(graph: Graph) -> None:
    images = recent_images(graph)
    images.receive(True)
    publisher = graph.node.create_publisher(Image, '/front/image', POSES_QOS)
    graph.wait_until(publisher.get_subscription_count, 'the subscription')

    def publish() -> None:
        for second in (0, 7):
            publisher.publish(image_message(PIXELS, second=second))

    graph.wait_until(lambda: images.find(header(7)) is not None, 'the image with a stamp', publish)
    assert images.find(header(0)) is None


def test_a_compressed_image_is_found_and_decoded(graph: Graph) -> None:
    images = recent_images(graph, transport='compressed')
    images.receive(True)
    message = to_compressed(PIXELS, header(7), quality=95)
    np.testing.assert_allclose(find(graph, images, message), PIXELS, atol=2)


def test_images_are_received_only_while_they_are_wanted(graph: Graph) -> None:
    images = recent_images(graph)
    count = graph.node.count_subscribers
    assert count('/front/image') == 0
    images.receive(True)
    images.receive(True)
    graph.wait_until(lambda: count('/front/image') == 1, 'one subscription')
    find(graph, images, image_message(PIXELS, second=7))
    images.receive(False)
    graph.wait_until(lambda: count('/front/image') == 0, 'its end')
    assert images.find(header(7)) is None  # what was kept is forgotten


def test_only_the_newest_images_are_kept(graph: Graph) -> None:
    images = recent_images(graph)
    images.receive(True)
    for second in range(1, 12):
        find(graph, images, image_message(PIXELS, second=second))
    assert images.find(header(1)) is None
    assert images.find(header(11)) is not None


def test_an_image_with_a_fault_is_not_found_and_the_log_says_why(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    images = recent_images(graph)
    images.receive(True)
    publisher = graph.node.create_publisher(Image, '/front/image', POSES_QOS)
    large = image_message(np.zeros((100, 100, 3), np.uint8), second=3)
    printed: list[str] = []

    def try_to_find() -> None:
        publisher.publish(large)
        assert images.find(large.header) is None
        printed.append(capfd.readouterr().err)

    graph.wait_until(
        lambda: '/front/image: image not cut out' in ''.join(printed), 'a line', try_to_find
    )
    assert 'max_image_pixels' in ''.join(printed)
