"""Outputs of posenet_node other than poses, in a separate process, over real DDS."""

from collections.abc import Iterator
from contextlib import contextmanager
import signal
import subprocess
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest
from rclpy.qos import QoSProfile
from ros_graph import domain_environment, Graph, image_message, PATIENCE
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from visualization_msgs.msg import Marker, MarkerArray

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.messages.compressed_images import compressed_to_rgb
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.conversions.jpeg_messages import to_compressed
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

pytestmark = pytest.mark.usefixtures('network_075')

_SUBSCRIBER = """
import sys
import rclpy
from rclpy.executors import ExternalShutdownException
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node('hanging')
node.create_subscription(Image, sys.argv[1], lambda image: None, 10)
try:
    rclpy.spin(node)
except ExternalShutdownException:
    pass
"""


def compressed_message(pixels: NDArray[np.uint8], second: int = 1) -> CompressedImage:
    """Return a JPEG message of high quality, stamped in whole seconds."""
    return to_compressed(pixels, image_message(pixels, second=second).header, 95)


def compressed_publisher(graph: Graph, topic: str) -> Any:
    publisher = graph.node.create_publisher(CompressedImage, topic, IMAGE_QOS)
    graph.wait_until(lambda: publisher.get_subscription_count() > 0, f'subscriber of {topic}')
    return publisher


@contextmanager
def hanging_subscriber(graph: Graph, topic: str) -> Iterator[None]:
    """Run a reliable subscriber of images that is stopped as soon as it is connected."""
    before = graph.node.count_subscribers(topic)
    process = subprocess.Popen(
        [sys.executable, '-c', _SUBSCRIBER, topic], env=domain_environment()
    )
    try:
        graph.wait_until(lambda: graph.node.count_subscribers(topic) > before, 'the subscriber')
        process.send_signal(signal.SIGSTOP)
        yield
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.parametrize(
    'arguments',
    [
        ['-p', 'image_topics:=[/rear/image_raw/compressed]'],
        ['-p', 'image_topics:=[/rear/image_raw]', '-p', 'image_transport:=compressed'],
        ['-p', 'image_topics:=[/rear/image]', '-r', '/rear/image:=/rear/image_raw/compressed'],
    ],
    ids=['by name', 'by transport', 'by remapping'],
)
def test_poses_of_compressed_images_are_published_in_the_namespace_of_the_raw_topic(
    graph: Graph, astronaut: NDArray[np.uint8], arguments: list[str]
) -> None:
    graph.start_posenet(*arguments)
    poses = graph.collect_poses('/rear/poses')
    publisher = compressed_publisher(graph, '/rear/image_raw/compressed')
    message = compressed_message(astronaut)
    graph.publish_until(publisher, message, lambda: poses, 'poses')
    assert poses[0].header == message.header
    assert (poses[0].image_width, poses[0].image_height) == (512, 512)
    assert len(poses[0].poses) == 1


def test_a_corrupt_compressed_image_is_dropped_and_the_next_one_processed(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet('-p', 'image_topics:=[/image/compressed]')
    poses = graph.collect_poses('/poses')
    publisher = compressed_publisher(graph, '/image/compressed')
    corrupt = compressed_message(astronaut, second=1)
    corrupt.data = corrupt.data[:5000]
    graph.publish_until(publisher, corrupt, lambda: 'image dropped' in node.output, 'a warning')
    good = compressed_message(astronaut, second=2)
    graph.publish_until(publisher, good, lambda: poses, 'poses')
    assert {message.header.stamp.sec for message in poses} == {2}


def test_the_annotated_image_is_also_published_compressed(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: PoseNet
) -> None:
    graph.start_posenet('-p', 'jpeg_quality:=95', '-p', 'tracking:=false')
    annotated = graph.collect(CompressedImage, 'image_annotated/compressed', IMAGE_QOS)
    sent = image_message(astronaut)
    graph.publish_until(graph.image_publisher(), sent, lambda: annotated, 'annotated image')
    assert annotated[0].header == sent.header
    expected = draw_poses(astronaut, PoseEstimator(network_075).estimate(astronaut))
    error = np.abs(compressed_to_rgb(annotated[0]).astype(int) - expected)
    assert error.mean() < 3


@pytest.mark.parametrize('qos', [POSES_QOS, IMAGE_QOS], ids=['reliable', 'best effort'])
def test_reliable_and_best_effort_subscribers_receive_annotated_images(
    graph: Graph, astronaut: NDArray[np.uint8], qos: QoSProfile
) -> None:
    graph.start_posenet()
    raw = graph.collect(Image, 'image_annotated', qos)
    compressed = graph.collect(CompressedImage, 'image_annotated/compressed', qos)
    publisher, image = graph.image_publisher(), image_message(astronaut)
    graph.publish_until(publisher, image, lambda: raw and compressed, 'both')


def test_a_subscriber_that_hangs_does_not_hold_up_poses_and_annotated_images_of_others(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    with hanging_subscriber(graph, 'image_annotated'):
        annotated = graph.collect(Image, 'image_annotated', POSES_QOS)
        poses = graph.collect_poses()
        publisher, image = graph.image_publisher(), image_message(astronaut)
        # More images than the middleware has memory for.
        received = (annotated, poses)
        graph.publish_until(publisher, image, lambda: min(map(len, received)) >= 30, '30 of each')


def test_remapping_the_annotated_image_also_remaps_the_compressed_one(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-r', 'image_annotated:=/view')
    raw = graph.collect(Image, '/view', IMAGE_QOS)
    compressed = graph.collect(CompressedImage, '/view/compressed', IMAGE_QOS)
    sent = image_message(astronaut)
    graph.publish_until(graph.image_publisher(), sent, lambda: raw and compressed, 'both')


def test_markers_show_a_skeleton_in_the_frame_of_the_image(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'marker_distance:=3.0')
    arrays = graph.collect(MarkerArray, 'pose_markers')
    sent = image_message(astronaut, frame='lens')
    graph.publish_until(graph.image_publisher(), sent, lambda: arrays, 'markers')
    first, *others = arrays[0].markers
    assert first.action == Marker.DELETEALL
    assert {marker.ns for marker in others} == {'limbs', 'keypoints'}
    assert all(marker.header == sent.header for marker in others)
    assert {point.z for marker in others for point in marker.points} == {3.0}


def test_markers_use_the_calibration_of_camera_info(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    arrays = graph.collect(MarkerArray, 'pose_markers')
    infos = graph.node.create_publisher(CameraInfo, 'camera_info', POSES_QOS)
    # With a tenth of the focal length assumed without camera_info, points are ten times as far
    # apart.
    info = CameraInfo(width=512, height=512, k=[51.2, 0, 255.5, 0, 51.2, 255.5, 0, 0, 1.0])
    graph.wait_until(lambda: infos.get_subscription_count() > 0, 'subscriber of camera_info')
    images = graph.image_publisher()

    def publish() -> None:
        infos.publish(info)
        images.publish(image_message(astronaut))

    def spread() -> float:
        points: list[float] = [point.x for marker in arrays[-1].markers for point in marker.points]
        return max(points) - min(points)

    graph.wait_until(lambda: arrays and spread() > 3.0, 'markers ten times as far apart', publish)


def test_a_warning_about_one_camera_does_not_hide_one_about_another(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet(
        *('-p', 'image_topics:=[/a/image, /b/image]'), *('-p', 'lazy:=false')
    )
    publishers = [graph.image_publisher(topic) for topic in ('/a/image', '/b/image')]
    bad = image_message(astronaut)
    bad.encoding = 'rgb9'
    graph.wait_until(
        lambda: all(f'{name}: image dropped' in node.output for name in ('/a/image', '/b/image')),
        'a warning about each',
        lambda: [publisher.publish(bad) for publisher in publishers],
    )
