"""Huge and extreme images, headers that claim huge sizes, and extreme input sizes."""

from array import array
from collections.abc import Callable
from typing import Any

from node_services import set_parameters
import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from torture.damage import (
    CLAIMED_SIZES,
    image_file,
    jpeg_that_claims,
    png_that_claims,
    png_with_wrong_lengths,
)
from torture.session import Session
from torture.victim import Victim

from posenet_ros.ros.topics.qos import POSES_QOS

# (height, width), encoding and bytes per pixel: up to 64 MB, for which the bound on memory is
# meant. Fast DDS keeps memory for two of the largest messages of a topic.
_RAW = [
    ((1, 20_000), 'mono8', 1),
    ((20_000, 1), 'mono8', 1),
    ((65_000, 1), 'rgb8', 3),
    ((1, 65_000), 'bgr8', 3),
    ((2, 65_000), 'mono16', 2),
    ((65_000, 2), 'rgba8', 4),
    ((4000, 5000), 'rgb8', 3),
    ((4320, 7680), 'bayer_rggb8', 1),
    ((3000, 3500), 'bgr16', 6),
    ((3000, 4000), 'nv12', 1.5),
]
_INPUT_SIZES = ['2048x1', '1x2048', '2048x33', '33x2048', '1x1', '1025x1025']

# Good images after which memory is compared: what the node keeps for the next image of the same
# size is replaced by then.
_GOOD_IMAGES = 3


def attack_memory(session: Session) -> None:
    """Publish something huge, then good images, and compare the memory."""
    node = session.graph.node
    raw = node.create_publisher(Image, '/a/image', POSES_QOS)
    compressed = node.create_publisher(CompressedImage, '/b/image/compressed', POSES_QOS)
    ways: list[Callable[[Victim], str]] = [
        lambda _: _publish_raw(session, raw),
        lambda _: _publish_claim(session, compressed),
        lambda victim: _change_input_size(session, victim),
    ]
    while session.goes_on:
        with session.victim() as victim:
            while session.goes_on and not victim.has_ended:
                name = session.choice.choice(ways)(victim)
                for _ in range(_GOOD_IMAGES):
                    session.send_good(victim, name)
                # The bound is for a single input. Fast DDS keeps the memory of the largest
                # messages for later ones, a few for each topic.
                victim.accept_memory()


def _publish_raw(session: Session, publisher: Any) -> str:
    size, encoding, depth = session.choice.choice(_RAW)
    name = f'{encoding} {size[0]}x{size[1]}'
    session.tally.done[name] += 1
    data = np.full(int(size[0] * size[1] * depth), session.choice.randrange(256), np.uint8)
    publisher.publish(
        Image(
            height=size[0],
            width=size[1],
            encoding=encoding,
            step=int(size[1] * (1 if encoding == 'nv12' else depth)),
            data=array('B', data.tobytes()),
        )
    )
    # Time for the node to receive it, before a good image replaces it.
    session.graph.holds_within(lambda: False, 0.2)
    return name


def _publish_claim(session: Session, publisher: Any) -> str:
    size = session.choice.choice(CLAIMED_SIZES)
    picture = session.picture[:64, :64]
    way = session.choice.randrange(4)
    if way == 0:
        name, content = 'JPEG', jpeg_that_claims(picture, *size)
    elif way == 1:
        name, content = 'PNG', png_that_claims(picture, *size)
    elif way == 2:
        name, content = 'PNG with wrong lengths', png_with_wrong_lengths(picture, session.choice)
    else:
        name, content = 'JPEG, valid', _large_jpeg(session)
    name = name if way >= 2 else f'{name} that claims {size[0]}x{size[1]}'
    session.tally.done[name] += 1
    publisher.publish(CompressedImage(format='jpeg', data=array('B', content)))
    session.graph.holds_within(lambda: False, 0.2)
    return name


def _large_jpeg(session: Session) -> bytes:
    """Return a small file of a large image: one colour, 4320x7680."""
    return image_file(np.full((4320, 7680, 3), session.choice.randrange(256), np.uint8), '.jpg')


def _change_input_size(session: Session, victim: Victim) -> str:
    """Process good images with an extreme input size, and set it back."""
    size = session.choice.choice(_INPUT_SIZES)
    name = f'input_size {size}'
    session.tally.done[name] += 1
    try:
        if not set_parameters(session.graph, input_size=size).successful:
            session.tally.done[f'{name}, refused'] += 1
        # While the size applies, the node keeps the memory for it.
        session.send_good(victim, name, compare_memory=False)
        set_parameters(session.graph, input_size='')
    except AssertionError:
        if victim.check(name):
            victim.fail(f'no response after {name}')
    return name
