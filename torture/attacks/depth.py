"""Depth images that are wrong, broken, of another time, size or encoding, or full of extremes."""

from array import array
from collections.abc import Callable
from typing import Any

from flood_images import BROKEN, SIZES
from made_depth import compressed_depth, raw_depth
import numpy as np
from numpy.typing import NDArray
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from torture.bounds import MAX_DELAY
from torture.damage import damage, png_that_claims
from torture.session import Session
from torture.victim import Victim

from posenet_ros.msg import Pose3DArray
from posenet_ros.ros.topics.qos import POSES_QOS

_RAW, _COMPRESSED = '/a/depth', '/b/depth/compressedDepth'
# Besides those of good images.
_SIZES = [(1, 1), (3, 700), (2000, 2), (480, 500)]
_ENCODINGS = ['', 'mono16', '16UC1\n', '32FC3', '64FC1', 'rgb8', 'x' * 5000, '16uc1', 'ünïcode']
_FORMATS = ['', '16UC1; compressedDepth rvl', '32FC1; compressedDepth rvl', '16UC1; jpeg', ';;;']
_SPECIAL = [0.0, -0.0, -1.0, 1e-45, 1e-10, 1e10, 3e38, float('nan'), float('inf'), float('-inf')]
_STEPS = [0, 1, 7, 2**31 - 1, 2**32 - 1]
# Seconds. Stamps of good images are their numbers, from 1 up.
_STAMPS = [0, 1, -1, -(2**31), 2**31 - 1, 1_000_000]

Values = NDArray[Any]


class Depth:
    """Makes and publishes hostile depth images."""

    def __init__(self, session: Session) -> None:
        """Open the publishers, and subscribe to positions."""
        self._choice = session.choice
        self._random = np.random.default_rng(session.choice.randrange(2**32))
        self.done = session.tally.done
        #: Stamps of all positions that arrived, in seconds, by the camera.
        self.located: dict[str, set[int]] = {'a': set(), 'b': set()}
        node = session.graph.node
        self._publishers = {
            _RAW: node.create_publisher(Image, _RAW, POSES_QOS),
            _COMPRESSED: node.create_publisher(CompressedImage, _COMPRESSED, POSES_QOS),
        }
        self._infos = {
            name: node.create_publisher(CameraInfo, f'/{name}/camera_info', POSES_QOS)
            for name in self.located
        }
        for name in self.located:
            node.create_subscription(
                Pose3DArray, f'/{name}/poses_3d', self._remembering(name), POSES_QOS
            )

    def _remembering(self, name: str) -> Callable[[Pose3DArray], None]:
        return lambda message: self.located[name].add(message.header.stamp.sec)

    def publish_next(self, number: int) -> str:
        """Publish one hostile depth image near the good image with a number; describe it."""
        for info in self._infos.values():
            info.publish(self._info())
        topic = self._choice.choice(list(self._publishers))
        kind, values = self._values(number)
        message = raw_depth(values) if topic == _RAW else compressed_depth(values)
        change = self._choice.choice([self._keep, self._set_field, self._cut, self._claim])
        change(message)
        near = number + self._choice.choice([0, 0, 0, -1, 1])
        message.header.stamp.sec = self._choice.choice([near, near, near, *_STAMPS])
        message.header.stamp.nanosec = self._choice.choice([0, 0, BROKEN, 10**9, 2**32 - 1])
        message.header.frame_id = self._choice.choice(['lens', 'lens', '', 'x' * 1000])
        self.done[f'{"raw" if topic == _RAW else "compressed"}, {kind}'] += 1
        content: Any = message
        if self._choice.random() < 0.2:
            content = damage(bytes(serialize_message(message)), self._choice) or b'\0'
            self.done['damaged serialized message'] += 1
        self._publishers[topic].publish(content)
        return f'depth of {kind} on {topic}'

    def _values(self, number: int) -> tuple[str, Values]:
        """Return depth of some kind, and its name; most have the size of the good image."""
        size = SIZES[number % len(SIZES)]
        if self._choice.random() < 0.2:
            size = self._choice.choice(_SIZES)
        makers: list[tuple[str, Callable[[], Values]]] = [
            ('a wall', lambda: np.full(size, 2000)),
            ('one special value', lambda: np.full(size, self._choice.choice(_SPECIAL))),
            ('special values', lambda: self._random.choice(_SPECIAL, size)),
            ('noise', lambda: self._random.uniform(-10, 70000, size)),
            ('a step', lambda: np.where(np.indices(size)[1] % 16 < 8, 300, 60000)),
        ]
        kind, make = self._choice.choice(makers)
        with np.errstate(all='ignore'):  # special values as millimetres are any numbers
            values = make().astype(self._choice.choice(['<u2', '<f4', '>u2', '>f4']))
        return kind, values

    def _keep(self, message: Any) -> None:
        pass

    def _set_field(self, message: Any) -> None:
        if isinstance(message, CompressedImage):
            message.format = self._choice.choice(_FORMATS)
            return
        field = self._choice.choice(['encoding', 'step', 'height', 'width', 'is_bigendian'])
        values: list[Any] = _STEPS
        if field == 'encoding':
            values = _ENCODINGS
        elif field == 'is_bigendian':
            values = [0, 1, 255]
        setattr(message, field, self._choice.choice(values))

    def _cut(self, message: Any) -> None:
        message.data = message.data[: self._choice.randrange(len(message.data) + 1)]

    def _claim(self, message: Any) -> None:
        """Replace a PNG by one whose header claims a huge size."""
        if isinstance(message, CompressedImage):
            picture = np.zeros((8, 8, 3), np.uint8)
            content = png_that_claims(picture, 60000, 60000)
            message.data = array('B', bytes(message.data[:12]) + content)

    def _info(self) -> CameraInfo:
        focal = self._choice.choice([500.0, 500.0, 500.0, 0.0, 1e-300, float('nan')])
        k = [focal, 0.0, 319.5, 0.0, 500.0, 239.5, 0.0, 0.0, 1.0]
        return CameraInfo(k=k)


def attack_depth(session: Session) -> None:
    """Publish a few hostile depth images, then good images, and so on."""
    depth = Depth(session)
    parameters = [
        f'depth_topics:=[{_RAW}, {_COMPRESSED}]',
        *(
            f'qos_overrides.{topic}.subscription.reliability:=reliable'
            for topic in (_RAW, _COMPRESSED)
        ),
    ]
    while session.goes_on:
        with session.victim(*parameters) as victim:
            while session.goes_on and not victim.has_ended:
                number = session.tally.sent + 1
                sent = [depth.publish_next(number) for _ in range(session.choice.randrange(1, 5))]
                if session.send_good(victim, ', '.join(sent)):
                    _check_located(session, victim, depth, number)


def _check_located(session: Session, victim: Victim, depth: Depth, number: int) -> None:
    """Check that positions arrive for a good image, whatever the depth was."""
    arrived = session.graph.holds_within(
        lambda: victim.has_ended or all(number in found for found in depth.located.values()),
        MAX_DELAY,
    )
    if not arrived:
        victim.fail(f'no poses_3d for image {number} within {MAX_DELAY:g} s')
    if 'RuntimeWarning' in victim.output:
        victim.fail(f'NumPy warned after image {number}')
