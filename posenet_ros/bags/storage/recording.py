"""Reading of recordings: bags of ROS 2, in folders or single files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosbags.interfaces import Connection
from rosbags.rosbag2 import Reader, ReaderError
from rosbags.rosbag2.storage_sqlite3 import Sqlite3Reader

from posenet_ros.errors import BagError
from posenet_ros.quoting import shortened

#: The storages of bags.
MCAP, SQLITE3 = 'mcap', 'sqlite3'

_METADATA = 'metadata.yaml'
# Files with messages; zstd if rosbag2 compressed them.
_STORAGE_FILES = ('.mcap', '.db3', '.mcap.zstd', '.db3.zstd')


@dataclass(frozen=True, eq=False)
class RecordedMessage:
    """A message as it was recorded."""

    connection: Connection
    #: When it was recorded, in nanoseconds.
    time: int
    #: In CDR.
    data: bytes


class Recording:
    """An open bag."""

    def __init__(self, path: Path, reader: Reader) -> None:
        """Read from an open reader of this path."""
        self.path = path
        self._reader = reader

    @property
    def connections(self) -> list[Connection]:
        """Return the connections: a topic has one or several, each with a type and a QoS."""
        return self._reader.connections

    @property
    def storage(self) -> str:
        """Return the storage, MCAP or SQLITE3."""
        return SQLITE3 if any(isinstance(one, Sqlite3Reader) for one in self._storages) else MCAP

    @property
    def _storages(self) -> Sequence[Any]:
        """Return the readers of the files."""
        return getattr(self._reader.storage, 'storages', [self._reader.storage])

    @property
    def custom_data(self) -> dict[str, str]:
        """Return what programs noted in the metadata of the bag."""
        return self._reader.storage.metadata.custom or {}

    @property
    def identity(self) -> dict[str, Any]:
        """Return what distinguishes this bag from others, as values for JSON."""
        return {
            'files': [(file.name, file.stat().st_size) for file in storage_files(self.path)],
            'start': self._reader.start_time,
            'duration': self._reader.duration,
            'counts': sorted((one.topic, one.msgtype, one.msgcount) for one in self.connections),
        }

    def messages(self, connections: Sequence[Connection]) -> Iterator[RecordedMessage]:
        """Return the messages of some connections in the order of recording; raises BagError."""
        wanted = {one.id: one for one in connections}
        try:
            for connection, time, data in self._reader.messages(self._as_stored(connections)):
                yield RecordedMessage(wanted[connection.id], time, data)
        except Exception as error:  # rosbags passes on what SQLite and decompressors raise
            raise BagError(f'{self.path} is damaged: {_reason(error)}') from error

    def _as_stored(self, connections: Sequence[Connection]) -> list[Connection]:
        """
        Return connections, and copies of them with the QoS that the files of the bag have.

        rosbags 0.11 skips the messages of a topic whose QoS differs between the metadata and the
        file, and ``ros2 bag reindex`` of Jazzy (0.26.5) writes metadata with another depth. The
        copies are unnecessary once rosbags compares only topics and types.
        """
        known = [(one.topic, one.msgtype, one.ext) for one in self._reader.connections]
        readable = list(connections)
        for storage in self._storages:
            for stored in storage.connections:
                if (stored.topic, stored.msgtype, stored.ext) not in known:
                    readable += [
                        one._replace(ext=stored.ext)
                        for one in connections
                        if (one.topic, one.msgtype) == (stored.topic, stored.msgtype)
                    ]
        return readable


@contextmanager
def open_recording(path: Path) -> Iterator[Recording]:
    """Open a bag: a folder with a metadata.yaml, an .mcap or a .db3 file; raises BagError."""
    _check_kind(path)
    reader = Reader(path)
    try:
        reader.open()
    except Exception as error:  # rosbags passes on what SQLite and decompressors raise
        raise BagError(f'cannot open {path}: {_reason(error)}; {_remedy(path)}') from error
    try:
        yield Recording(path, reader)
    finally:
        reader.close()


def is_bag_folder(path: Path) -> bool:
    """Return whether a path is a folder with a bag."""
    return (path / _METADATA).is_file()


def storage_files(path: Path) -> list[Path]:
    """Return the files of a bag that have its messages, sorted."""
    files = path.iterdir() if path.is_dir() else [path]
    return sorted(file for file in files if file.is_file() and file.name.endswith(_STORAGE_FILES))


def _check_kind(path: Path) -> None:
    """Raise BagError if a path cannot be a bag of ROS 2."""
    if not path.exists():
        raise BagError(f'cannot open {path}: it does not exist')
    if path.is_dir() and not is_bag_folder(path):
        raise BagError(
            f'cannot open {path}: there is no {_METADATA} in it, so it is not a bag, or its '
            f'recording did not end properly; if it is a bag, run: ros2 bag reindex {path}'
        )
    if path.suffix == '.bag':
        raise BagError(
            f'cannot open {path}: it is a bag of ROS 1; convert it first: rosbags-convert --src '
            f'{path} --dst {path.with_suffix("")}'
        )
    if path.is_file() and path.suffix not in ('.mcap', '.db3'):
        raise BagError(
            f'cannot open {path}: it is not a bag; name a folder with a {_METADATA}, or an .mcap '
            'or .db3 file'
        )


def _remedy(path: Path) -> str:
    if path.suffix == '.mcap' or any(path.glob('*.mcap')):
        return (
            'to save what is readable in a damaged MCAP file, run: mcap recover, or: ros2 bag '
            'convert'
        )
    return 'copy it again from where it was recorded, or run: ros2 bag reindex'


def _reason(error: Exception) -> str:
    text = shortened(' '.join(str(error).split()))
    return text if isinstance(error, ReaderError) else f'{type(error).__name__}: {text}'
