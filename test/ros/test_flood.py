"""
A flood of random, broken and good images through posenet_node, over real DDS.

Lasts as many seconds as POSENET_FLOOD_SECONDS says; an hour is worth while before a release.
"""

import os
from pathlib import Path
import random
import time
from typing import Any

from made_images import encoded, ENCODERS
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph
from sensor_msgs.msg import Image

from posenet_ros.msg import PoseArray
from posenet_ros.ros.topics import POSES_QOS

SECONDS = float(os.environ.get('POSENET_FLOOD_SECONDS', '15'))

# Of resident memory, in MB, that may come and go with the sizes of images.
TOLERANCE = 60

# Good images: sizes that every encoding can have, the largest first, so that memory has been taken
# before it is measured.
SIZES = [(480, 640), (64, 64), (120, 200), (300, 100), (256, 320)]

BREAKAGES: dict[str, list[Any]] = {
    'encoding': ['rgb9', '', 'bgr8 ', 'jpeg'],
    'step': [0, 1, 7],
    'width': [0, 4_000_000_000],
    'height': [0, 4_000_000_000],
}

pytestmark = pytest.mark.usefixtures('network_075')


def resident_megabytes(process: int) -> float:
    """Return how much memory a process has in RAM."""
    status = Path(f'/proc/{process}/status').read_text()
    return int(status.partition('VmRSS:')[2].split()[0]) / 1024


def good(picture: NDArray[np.uint8], number: int) -> Image:
    """Return a good image, of a size and an encoding that change from one to the next."""
    height, width = SIZES[number % len(SIZES)]
    encoding = list(ENCODERS)[number % len(ENCODERS)]
    message = encoded(encoding, picture[:height, :width], padding=2 * (number % 4))
    message.header.stamp.sec = number
    return message


def broken(picture: NDArray[np.uint8], choice: random.Random) -> Image:
    """Return an image that contradicts itself in one field, or lacks some of its data."""
    message = encoded('bgr8', picture[:64, :64])
    field = choice.choice([*BREAKAGES, 'data'])
    if field == 'data':
        message.data = message.data[: choice.randrange(64 * 63 * 3)]
    else:
        setattr(message, field, choice.choice(BREAKAGES[field]))
    return message


def test_every_good_image_is_answered_while_broken_ones_flood_in(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    # Reliable, as what the middleware loses is not the node's fault.
    node = graph.start_posenet('-p', 'qos_overrides./image_raw.subscription.reliability:=reliable')
    answers: list[PoseArray] = graph.collect_poses()
    publisher = graph.node.create_publisher(Image, 'image_raw', POSES_QOS)
    graph.wait_until(lambda: publisher.get_subscription_count() > 0, 'the node to subscribe')
    graph.wait_until(lambda: graph.node.count_publishers('poses') > 0, 'the poses')
    choice = random.Random(0)
    number, memory, end = 0, [0.0], time.monotonic() + SECONDS
    while time.monotonic() < end or number < 2 * len(ENCODERS):
        number += 1
        for _ in range(choice.randrange(10)):
            publisher.publish(broken(astronaut, choice))
        publisher.publish(good(astronaut, number))
        graph.wait_until(
            lambda: answers and answers[-1].header.stamp.sec == number,  # noqa: B023  (now)
            f'the answer of good image {number}',
        )
        if number >= len(ENCODERS):
            memory.append(resident_megabytes(node.process_id))
    assert [answer.header.stamp.sec for answer in answers] == list(range(1, number + 1))
    assert memory[-1] - memory[1] < TOLERANCE
    assert node.end() == 0
    assert 'Traceback' not in node.output
