"""
A program that publishes images at given rates, as cameras do.

    feeder.py WIDTHxHEIGHT PEOPLE TOPIC...

It prints {"ready": true} once every topic has a subscriber. Then it reads lines
{"topics": [...], "rate": Hz, "seconds": s} from standard input. For each line, it publishes to
these topics in turn, each at this rate, and prints a line {"stamps": {topic: [ns]}}: the time on
the system clock at which it published each image.
"""

from collections.abc import Callable
import json
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from programs.pictures import picture
import rclpy
from rclpy.node import Node
from rclpy.utilities import try_shutdown
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.topics.qos import IMAGE_QOS

# Seconds to wait for subscribers.
_PATIENCE = 60.0


class Feeder(Node):
    """Publishes the same image repeatedly to some topics."""

    def __init__(self, pixels: NDArray[np.uint8], topics: list[str]) -> None:
        """Create the publishers of an image, uint8 RGB [height, width, 3]."""
        super().__init__('feeder')
        #: What is published; only its stamp changes.
        self.message = to_image(pixels, Header(frame_id='camera'))
        self._outputs = {topic: self.create_publisher(Image, topic, IMAGE_QOS) for topic in topics}

    def wait_for_subscribers(self) -> None:
        """Return once every topic has a subscriber; raises TimeoutError."""
        deadline = time.monotonic() + _PATIENCE
        while not all(output.get_subscription_count() for output in self._outputs.values()):
            if time.monotonic() > deadline:
                raise TimeoutError(f'not all of {list(self._outputs)} have a subscriber')
            time.sleep(0.01)

    def feed(self, topics: list[str], rate: float, seconds: float) -> dict[str, list[int]]:
        """
        Publish to topics in turn, each at a rate in Hz, and return the stamps in ns by topic.

        If publishing falls behind, missed images are skipped.
        """
        stamps: dict[str, list[int]] = {topic: [] for topic in topics}
        interval = 1 / (rate * len(topics))
        due = start = time.monotonic()
        number = 0
        while due < start + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            topic = topics[number % len(topics)]
            stamps[topic].append(self._publish(topic))
            number += 1
            due = max(due + interval, time.monotonic())
        return stamps

    def _publish(self, topic: str) -> int:
        now = time.time_ns()
        stamp = self.message.header.stamp
        stamp.sec, stamp.nanosec = divmod(now, 1_000_000_000)
        self.publish(topic)
        return now

    def publish(self, topic: str) -> None:
        """Publish the message, which has its stamp, to a topic."""
        self._outputs[topic].publish(self.message)


def main(
    size: str,
    people: str,
    *topics: str,
    make: Callable[[NDArray[np.uint8], list[str]], Feeder] = Feeder,
) -> None:
    """Process the lines on standard input until it ends."""
    width, height = map(int, size.split('x'))
    rclpy.init()
    feeder = make(picture((height, width), int(people)), list(topics))
    try:
        feeder.wait_for_subscribers()
        _send({'ready': True})
        for line in sys.stdin:
            _send({'stamps': feeder.feed(**json.loads(line))})
    finally:
        feeder.destroy_node()
        try_shutdown()


def _send(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
