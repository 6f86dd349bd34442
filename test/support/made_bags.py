"""Bags for tests, written with the library rosbags."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import get_typestore, Stores

from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.bags.storage.recording import MCAP, open_recording, SQLITE3

STORE = get_typestore(Stores.ROS2_HUMBLE)
RAW, COMPRESSED = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
#: When the first image of a made bag is taken, and the time between two images, in nanoseconds.
START, PERIOD = 100 * 10**9, 10**8

_PLUGINS = {MCAP: StoragePlugin.MCAP, SQLITE3: StoragePlugin.SQLITE3}
_QOS = (
    '[{history: keep_last, depth: 9, reliability: reliable, durability: volatile, deadline: '
    '{sec: 0, nsec: 0}, lifespan: {sec: 0, nsec: 0}, liveliness: automatic, '
    'liveliness_lease_duration: {sec: 0, nsec: 0}, avoid_ros_namespace_conventions: false}]'
)
Rgb = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Made:
    """A message for a bag."""

    topic: str
    #: When it is recorded, in nanoseconds.
    time: int
    message: Any
    #: What is recorded instead of the message, such as half of it.
    data: bytes | None = None


def header(nanoseconds: int, frame: str = 'lens') -> Any:
    """Return a header with a stamp in nanoseconds."""
    second, rest = divmod(nanoseconds, 10**9)
    stamp = STORE.types['builtin_interfaces/msg/Time'](sec=second, nanosec=rest)
    return STORE.types['std_msgs/msg/Header'](stamp=stamp, frame_id=frame)


def raw(pixels: Rgb, nanoseconds: int, **changed: Any) -> Any:
    """Return uint8 RGB pixels [height, width, 3] as an image message."""
    height, width, _ = pixels.shape
    fields = {
        'header': header(nanoseconds),
        'height': height,
        'width': width,
        'encoding': 'rgb8',
        'is_bigendian': 0,
        'step': 3 * width,
        'data': np.ascontiguousarray(pixels).ravel(),
    }
    return STORE.types[RAW](**{**fields, **changed})


def compressed(pixels: Rgb, nanoseconds: int, suffix: str = '.png') -> Any:
    """Return uint8 RGB pixels [height, width, 3] as a compressed image message."""
    _, content = cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return STORE.types[COMPRESSED](
        header=header(nanoseconds), format=f'rgb8; {suffix[1:]} compressed', data=content.ravel()
    )


def text(words: str) -> Any:
    """Return a message with a text."""
    return STORE.types['std_msgs/msg/String'](data=words)


def film(topic: str, pictures: Iterable[Rgb], *, first: int = START) -> list[Made]:
    """Return the images of a camera; compressed if the name of the topic says so."""
    make = compressed if topic.endswith('/compressed') else raw
    times = (first + number * PERIOD for number, _ in enumerate(iter(int, 1)))
    return [
        Made(topic, time + 10**6, make(pixels, time))
        for time, pixels in zip(times, pictures, strict=False)
    ]


def write_bag(
    path: Path,
    messages: Sequence[Made],
    *,
    storage: str = MCAP,
    compression: CompressionMode = CompressionMode.NONE,
) -> Path:
    """Write a bag with these messages, sorted by time, and return its path."""
    writer = Writer(path, version=9, storage_plugin=_PLUGINS[storage])
    writer.set_compression(compression, CompressionFormat.ZSTD)
    with writer:
        connections = {}
        for one in messages:
            if one.topic not in connections:
                connections[one.topic] = writer.add_connection(
                    one.topic, one.message.__msgtype__, typestore=STORE
                )
        for one in sorted(messages, key=lambda made: made.time):
            data = one.data
            if data is None:
                data = bytes(STORE.serialize_cdr(one.message, one.message.__msgtype__))
            writer.write(connections[one.topic], one.time, data)
    return path


def hide_topic(path: Path, topic: str) -> None:
    """Give an image topic another type in the metadata of a bag, so that rosbags skips it."""
    _change_metadata(path, topic, f'type: {RAW}', f'type: {COMPRESSED}')


def change_qos(path: Path, topic: str) -> None:
    """Give a topic another QoS in the metadata of a bag, as ``ros2 bag reindex`` does."""
    _change_metadata(path, topic, r'offered_qos_profiles: \[\]', f'offered_qos_profiles: {_QOS}')


def _change_metadata(path: Path, topic: str, pattern: str, new: str) -> None:
    metadata = path / 'metadata.yaml'
    before, name, after = metadata.read_text().partition(f'name: {topic}\n')
    changed, count = re.subn(pattern, new, after, count=1)
    assert count == 1
    metadata.write_text(before + name + changed)


def read_bag(path: Path) -> dict[str, list[tuple[int, Any]]]:
    """Return the messages of a bag by topic, each with the time when it was recorded."""
    types = load_message_types()
    found: dict[str, list[tuple[int, Any]]] = {}
    with open_recording(path) as recording:
        for message in recording.messages(recording.connections):
            messages = found.setdefault(message.connection.topic, [])
            messages.append((message.time, types.read(message)))
    return found


def read_bytes(path: Path, topic: str) -> list[bytes]:
    """Return the messages on a topic of a bag, in CDR."""
    with open_recording(path) as recording:
        wanted = [one for one in recording.connections if one.topic == topic]
        return [bytes(message.data) for message in recording.messages(wanted)]
