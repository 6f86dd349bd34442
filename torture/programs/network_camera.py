"""
A program that publishes images as a camera driver on another host does.

    network_camera.py raw|compressed WIDTHxHEIGHT RATE

It prints a line once /camera/image_raw, or /camera/image_raw/compressed, has a subscriber. Then it
reads a number of seconds from each line of standard input, publishes for that time, and prints the
stamps of the images, in ns, separated by spaces. If publishing falls behind, images are skipped.
"""

import sys
import time
from typing import Any

import cv2
import rclpy
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.utilities import try_shutdown
from sensor_msgs.msg import CompressedImage, Image
import skimage.data
from std_msgs.msg import Header

from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.conversions.jpeg_messages import to_compressed

# As image_source: compatible with reliable and with best-effort subscribers.
_QOS = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
# Of JPEG, as image_transport's by default.
_QUALITY = 95
# Seconds to wait for a subscriber.
_PATIENCE = 30.0


def main(kind: str, size: str, rate: str) -> None:
    """Publish for as long as each line on standard input says."""
    width, height = map(int, size.split('x'))
    pixels = cv2.resize(skimage.data.astronaut(), (width, height))
    header = Header(frame_id='camera')
    message: Any = to_image(pixels, header)
    if kind == 'compressed':
        message = to_compressed(pixels, header, quality=_QUALITY)
    rclpy.init()
    node = Node('camera')
    try:
        topic = '/camera/image_raw' + ('/compressed' if kind == 'compressed' else '')
        message_type = CompressedImage if kind == 'compressed' else Image
        publisher = node.create_publisher(message_type, topic, _QOS)
        _wait_for_subscriber(publisher)
        print('ready', flush=True)
        print(len(message.data), file=sys.stderr)
        for line in sys.stdin:
            stamps = _publish(publisher, message, float(rate), float(line))
            print(*stamps, flush=True)
    finally:
        node.destroy_node()
        try_shutdown()


def _wait_for_subscriber(publisher: Any) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not publisher.get_subscription_count():
        if time.monotonic() > deadline:
            raise TimeoutError(f'{publisher.topic_name} has no subscriber')
        time.sleep(0.05)
    time.sleep(1.0)  # until the subscriber has discovered us, too


def _publish(publisher: Any, message: Any, rate: float, seconds: float) -> list[int]:
    """Publish a message repeatedly, and return its stamps in ns."""
    stamps = []
    due = start = time.monotonic()
    while due < start + seconds:
        time.sleep(max(0.0, due - time.monotonic()))
        stamps.append(time.time_ns())
        stamp = message.header.stamp
        stamp.sec, stamp.nanosec = divmod(stamps[-1], 1_000_000_000)
        publisher.publish(message)
        due = max(due + 1 / rate, time.monotonic())
    return stamps


if __name__ == '__main__':
    main(*sys.argv[1:])
