"""Messages with random fields, damaged image files, and damaged serialized messages."""

from array import array
import random
from typing import Any

from flood import OUTPUTS
from flood_images import BROKEN, good
from made_images import ENCODERS
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from torture.damage import (
    CLAIMED_SIZES,
    damage,
    EXTENSIONS,
    image_file,
    jpeg_that_claims,
    png_that_claims,
)
from torture.session import Session

from posenet_ros.ros.topics.qos import POSES_QOS

_SIZES = [0, 1, 2, 3, 63, 64, 65, 480, 640, 20_000, 2**31 - 1, 2**31, 2**32 - 1]
_NUMBERS = [0.0, -0.0, 1.0, -1.0, 1e-310, 5e-324, 1e308, -1e308, 3.14, 500.0]
_NUMBERS += [float('nan'), float('inf'), float('-inf')]
_ENCODINGS = [*ENCODERS, '', 'rgb9', 'RGB8', '32FC1', '64FC4', '8UC0', '8UC99', 'jpeg', 'x' * 5000]
_ENCODINGS += ['bgr8\n', 'ünïcode', '%s%n', '16SC3', 'nv12', 'yuv422', 'bayer_rggb']
_FORMATS = ['', 'jpeg', 'png', 'rgb8; jpeg compressed bgr8', 'h264', 'x' * 100_000, '\n', 'tiff']
_MODELS = ['plumb_bob', 'equidistant', 'rational_polynomial', '', 'x' * 5000]


class Messages:
    """Makes and publishes hostile messages."""

    def __init__(self, session: Session) -> None:
        """Open the publishers, and subscribe to all outputs."""
        self._choice = session.choice
        self._picture = session.picture
        self.done = session.tally.done
        node = session.graph.node
        self._publishers: list[Any] = [
            node.create_publisher(kind, topic, POSES_QOS)
            for kind, topic in (
                (Image, '/a/image'),
                (CompressedImage, '/b/image/compressed'),
                (CameraInfo, '/a/camera_info'),
                (CameraInfo, '/b/camera_info'),
            )
        ]
        for kind, topic, qos in OUTPUTS:
            node.create_subscription(kind, topic, lambda _: None, qos)

    def publish_next(self) -> str:
        """Publish one hostile message, and return what it was."""
        publisher = self._choice.choice(self._publishers)
        kind: type = publisher.msg_type
        if self._choice.random() < 0.3:
            self.done[f'serialized {kind.__name__}'] += 1
            content = self._serialized(kind)
            publisher.publish(content)
            return f'serialized {kind.__name__} of {len(content)} bytes'
        self.done[kind.__name__] += 1
        message = self._message(kind)
        publisher.publish(message)
        return _describe(message)

    def _serialized(self, kind: type) -> bytes:
        sound = good(self._picture, 1) if kind is Image else self._message(kind)
        sound.header.stamp.nanosec = BROKEN
        content = damage(bytes(serialize_message(sound)), self._choice)
        return content or b'\0'

    def _message(self, kind: type) -> Any:
        make = {Image: self._image, CompressedImage: self._compressed, CameraInfo: self._info}
        message = make[kind]()
        self._set_header(message)
        return message

    def _set_header(self, message: Any) -> None:
        choice = self._choice
        # Never one of a good image, whose seconds start from 1.
        message.header.stamp.sec = choice.choice([-(2**31), -1, 2**31 - 1, 0])
        message.header.stamp.nanosec = choice.choice([BROKEN, 999_999_999, 10**9, 2**32 - 1])
        message.header.frame_id = choice.choice(['', 'lens', 'x' * 1000, 'x' * 1_000_000, '/\n'])

    def _image(self) -> Image:
        """Return a good image with some fields changed."""
        choice = self._choice
        message = good(self._picture, choice.randrange(100))
        for _ in range(choice.randrange(1, 4)):
            field = choice.choice(['height', 'width', 'step', 'encoding', 'is_bigendian', 'data'])
            if field == 'encoding':
                message.encoding = choice.choice(_ENCODINGS)
            elif field == 'is_bigendian':
                message.is_bigendian = choice.choice([0, 1, 255])
            elif field == 'data':
                message.data = _resized(message.data, choice)
            else:
                setattr(message, field, choice.choice(_SIZES))
        return message

    def _compressed(self) -> CompressedImage:
        choice = self._choice
        height, width = choice.choice([(64, 64), (480, 500), (7, 3)])
        picture = self._picture[:height, :width]
        way = choice.randrange(8)
        if way == 0:
            content = jpeg_that_claims(picture, *choice.choice(CLAIMED_SIZES))
        elif way == 1:
            content = png_that_claims(picture, *choice.choice(CLAIMED_SIZES))
        elif way == 2:
            content = choice.randbytes(choice.choice([0, 1, 2, 100, 100_000]))
        else:
            content = damage(image_file(picture, choice.choice(EXTENSIONS)), choice)
        return CompressedImage(format=choice.choice(_FORMATS), data=array('B', content))

    def _info(self) -> CameraInfo:
        choice = self._choice
        return CameraInfo(
            height=choice.choice(_SIZES),
            width=choice.choice(_SIZES),
            distortion_model=choice.choice(_MODELS),
            d=[choice.choice(_NUMBERS) for _ in range(choice.choice([0, 1, 4, 5, 8, 14, 1000]))],
            k=[choice.choice(_NUMBERS) for _ in range(9)],
            r=[choice.choice(_NUMBERS) for _ in range(9)],
            p=[choice.choice(_NUMBERS) for _ in range(12)],
            binning_x=choice.choice(_SIZES),
            binning_y=choice.choice(_SIZES),
        )


def _resized(data: Any, choice: random.Random) -> Any:
    length = choice.choice([0, 1, len(data) - 1, len(data) // 2])
    return data[: max(0, length)] if choice.random() < 0.7 else data + array('B', bytes(1000))


def _describe(message: Any) -> str:
    """Return the fields of a message that matter, shortened."""
    if isinstance(message, Image):
        size = f'{message.height}x{message.width}, step {message.step}'
        return f'Image {message.encoding[:12]!r} {size}, {len(message.data)} bytes'
    if isinstance(message, CompressedImage):
        head = bytes(message.data[:24]).hex()
        return f'CompressedImage of {len(message.data)} bytes, {head}'
    return f'CameraInfo {message.distortion_model[:12]!r} {message.height}x{message.width}'


def attack_messages(session: Session) -> None:
    """Publish a few hostile messages, then good images, and so on."""
    messages = Messages(session)
    while session.goes_on:
        with session.victim() as victim:
            while session.goes_on and not victim.has_ended:
                sent = []
                for _ in range(session.choice.randrange(1, 6)):
                    sent.append(messages.publish_next())
                    # Time for the node to receive it, before the next one replaces it.
                    session.graph.holds_within(lambda: False, 0.03)
                session.send_good(victim, ', '.join(sent))
