"""One image of a bag, from reading to writing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rosbags.serde import SerdeError

from posenet_ros.bags.outcome import Outcome
from posenet_ros.bags.storage.message_types import MessageTypes, RAW_IMAGE
from posenet_ros.bags.storage.recording import RecordedMessage
from posenet_ros.errors import BagError, ImageError
from posenet_ros.framing.framing import Size
from posenet_ros.messages.compressed_images import compressed_to_rgb
from posenet_ros.messages.message_types import Header
from posenet_ros.messages.raw_images import raw_to_rgb
from posenet_ros.messages.stamps import stamp_of
from posenet_ros.poses import Pose
from posenet_ros.quoting import reason_of


@dataclass(frozen=True, eq=False)
class BagImage:
    """An image of a bag, with its pixels or with what became of it."""

    topic: str
    #: When it was recorded, in nanoseconds.
    time: int
    #: None if the message could not be read.
    header: Header | None
    #: uint8 RGB [height, width, 3]; None if the outcome is known.
    pixels: NDArray[np.uint8] | None = None
    #: None if the network must find the people first.
    outcome: Outcome | None = None
    #: Whether the outcome is that of an earlier run.
    recalled: bool = False

    @property
    def stamp(self) -> float | None:
        """Return when it was taken, in seconds; None if that is not known."""
        return None if self.header is None else stamp_of(self.header)

    @property
    def received(self) -> float:
        """Return when it was recorded, in seconds: as if the node had received it then."""
        return self.time / 1e9


@dataclass(frozen=True, eq=False)
class TrackedImage:
    """An image whose people have their ids: what the outputs are converted from."""

    header: Header
    #: (height, width).
    size: Size
    #: In pixels of the image.
    poses: list[Pose]


def read_image(
    message: RecordedMessage, types: MessageTypes, *, known: Outcome | None, max_pixels: int
) -> BagImage:
    """
    Return an image of a bag, converted unless its outcome is known.

    If the message is not an image that can be converted, the outcome says why. Errors that have
    another cause, such as missing memory, are raised.
    """
    topic, header = message.connection.topic, None
    try:
        content = types.read(message)
        header = content.header
        if known:
            return BagImage(topic, message.time, header, outcome=known, recalled=True)
        raw = message.connection.msgtype == RAW_IMAGE
        convert = raw_to_rgb if raw else compressed_to_rgb
        return BagImage(topic, message.time, header, convert(content, max_pixels=max_pixels))
    except (ImageError, SerdeError) as error:  # one bad image must not end the conversion
        outcome = known or Outcome(topic=topic, time=message.time, refusal=reason_of(error))
        return BagImage(topic, message.time, header, outcome=outcome, recalled=bool(known))


def describe_image(topic: str, time: int) -> str:
    """Return which image of a bag this is, for a message."""
    return f'{topic}, recorded at {time / 1e9:.9f}'


def conversion_error(topic: str, time: int, error: Exception) -> BagError:
    """Return what ends a conversion after an error that an image did not cause."""
    return BagError(
        f'{describe_image(topic, time)}: {reason_of(error)}; to continue with this image, run the '
        'command again'
    )
