"""The types of messages in bags: ours from the definitions in msg/, and those of Foxglove."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rosbags.typesys import get_types_from_msg, get_typestore, Stores
from rosbags.typesys.store import Typestore

from posenet_ros.bags.storage.foxglove_types import add_foxglove_types
from posenet_ros.bags.storage.recording import RecordedMessage
from posenet_ros.errors import BagError

RAW_IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
#: The types of messages that have images.
IMAGE_TYPES = (RAW_IMAGE, COMPRESSED_IMAGE)

_PACKAGE = 'posenet_ros'
# The build installs msg/ into the Python package, so that there is only one copy of each
# definition. In a source tree, msg/ is beside the package.
_INSTALLED = Path(__file__).parents[2] / 'message_definitions'
_SOURCES = Path(__file__).parents[3] / 'msg'


@dataclass(frozen=True)
class MessageTypes:
    """The types of messages in bags: those of ROS 2, ours, and those of Foxglove."""

    store: Typestore
    #: The types of foxglove_msgs for annotations, as attributes.
    foxglove: Any

    @property
    def Keypoint(self) -> Any:  # noqa: N802
        """Return the type of posenet_ros/Keypoint."""
        return self.store.types[name_of('Keypoint')]

    @property
    def Pose(self) -> Any:  # noqa: N802
        """Return the type of posenet_ros/Pose."""
        return self.store.types[name_of('Pose')]

    @property
    def PoseArray(self) -> Any:  # noqa: N802
        """Return the type of posenet_ros/PoseArray."""
        return self.store.types[name_of('PoseArray')]

    def read(self, message: RecordedMessage) -> Any:
        """Return the content of a message; raises the errors of rosbags."""
        kind = message.connection.msgtype
        return self.store.deserialize_cdr(memoryview(message.data), kind)

    def to_bytes(self, message: Any) -> memoryview:
        """Return a message in CDR."""
        return self.store.serialize_cdr(message, message.__msgtype__)


@cache
def load_message_types() -> MessageTypes:
    """
    Return the types of messages.

    The standard messages that we use are the same in all distributions. Raises BagError if our
    definitions are not installed.
    """
    store = get_typestore(Stores.ROS2_HUMBLE)
    definitions: dict[str, Any] = {}
    for path in find_definitions():
        definitions |= get_types_from_msg(path.read_text('utf-8'), name_of(path.stem))
    store.register(definitions)
    return MessageTypes(store, add_foxglove_types(store))


def name_of(message: str) -> str:
    """Return the full name of one of our messages."""
    return f'{_PACKAGE}/msg/{message}'


def find_definitions() -> list[Path]:
    """Return the files with the definitions of our messages; raises BagError."""
    for folder in (_INSTALLED, _SOURCES):
        found = sorted(folder.glob('*.msg'))
        if found:
            return found
    raise BagError(
        f'the definitions of the messages are not in {_INSTALLED}; install posenet_ros again'
    )
