"""Writing of bags, in the oldest form that rosbags writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import sqlite3
from typing import Any, Literal

from rosbags.interfaces import Connection, ConnectionExtRosbag2
from rosbags.rosbag2 import StoragePlugin, Writer, WriterError

from posenet_ros.bags.storage.message_types import MessageTypes
from posenet_ros.bags.storage.recording import MCAP, RecordedMessage, SQLITE3
from posenet_ros.errors import BagError

_PLUGINS = {MCAP: StoragePlugin.MCAP, SQLITE3: StoragePlugin.SQLITE3}
# rosbags writes versions 8 and 9. Version 9 has QoS in another form, which only newer releases
# know.
_VERSION: Literal[8] = 8
# For types whose definition is neither in the recording nor known.
_UNKNOWN_HASH = f'RIHS01_{0:064}'


class BagWriter:
    """An open bag that is being written."""

    def __init__(self, writer: Writer, types: MessageTypes) -> None:
        """Write with an open writer."""
        self._writer = writer
        self._types = types
        self._topics: dict[str, Connection] = {}
        # By the id of the recorded connection.
        self._copies: dict[int, Connection] = {}

    def add_topic(self, topic: str, message_type: str) -> None:
        """Add a topic for messages of a type, such as posenet_ros/msg/PoseArray."""
        self._topics[topic] = self._writer.add_connection(
            topic, message_type, typestore=self._types.store
        )

    def add_copy(self, recorded: Connection) -> None:
        """Add the topic of a recorded connection, whose messages will be copied."""
        assert isinstance(recorded.ext, ConnectionExtRosbag2)
        for known in self._copies.values():
            if (known.topic, known.msgtype, known.ext) == (
                recorded.topic,
                recorded.msgtype,
                recorded.ext,
            ):
                self._copies[recorded.id] = known
                return
        definition, digest = self._definition(recorded)
        self._copies[recorded.id] = self._writer.add_connection(
            recorded.topic,
            recorded.msgtype,
            msgdef=definition,
            rihs01=digest,
            serialization_format=recorded.ext.serialization_format,
            offered_qos_profiles=recorded.ext.offered_qos_profiles,
        )

    def write(self, topic: str, time: int, message: Any) -> None:
        """Write a message on a topic that was added, as recorded at a time in nanoseconds."""
        self._writer.write(self._topics[topic], time, self._types.to_bytes(message))

    def copy(self, message: RecordedMessage) -> None:
        """Copy a message if its connection was added."""
        connection = self._copies.get(message.connection.id)
        if connection:
            self._writer.write(connection, message.time, message.data)

    def note(self, key: str, value: str) -> None:
        """Note something in the metadata of the bag."""
        self._writer.set_custom_data(key, value)

    def _definition(self, recorded: Connection) -> tuple[str, str]:
        """Return the definition of the type of a connection, and its hash."""
        definition, digest = recorded.msgdef.data, recorded.digest
        if recorded.msgtype in self._types.store.fielddefs:
            known, _ = self._types.store.generate_msgdef(recorded.msgtype, ros_version=2)
            definition = definition or known
            digest = digest or self._types.store.hash_rihs01(recorded.msgtype)
        return definition, digest or _UNKNOWN_HASH


@contextmanager
def open_writer(folder: Path, storage: str, types: MessageTypes) -> Iterator[BagWriter]:
    """
    Create a bag in a new folder; it is complete after the block.

    Raises BagError if it cannot be written, also for errors in the block.
    """
    try:
        plugin = _PLUGINS[storage]
        with Writer(folder, version=_VERSION, storage_plugin=plugin) as writer:
            yield BagWriter(writer, types)
    except (OSError, sqlite3.Error, WriterError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BagError(f'cannot write {folder}: {reason}') from error
