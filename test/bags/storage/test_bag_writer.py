from pathlib import Path
import resource
import signal

from made_bags import film, header, write_bag
import numpy as np
import pytest
from rosbags.interfaces import MessageDefinition, MessageDefinitionFormat

from posenet_ros.bags.storage.bag_writer import BagWriter, open_writer
from posenet_ros.bags.storage.message_types import load_message_types, name_of
from posenet_ros.bags.storage.recording import MCAP, open_recording, SQLITE3
from posenet_ros.errors import BagError
from posenet_ros.messages.pose_arrays import to_pose_array

TYPES = load_message_types()


def write_poses(writer: BagWriter, count: int) -> None:
    """Write pose arrays without people."""
    writer.add_topic('/poses', name_of('PoseArray'))
    for number in range(count):
        writer.write('/poses', number, to_pose_array([], header(number), (4, 6), types=TYPES))


@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_a_bag_has_the_type_of_its_poses_with_the_definition(tmp_path: Path, storage: str) -> None:
    with open_writer(tmp_path / 'out', storage, TYPES) as writer:
        write_poses(writer, 2)
        writer.note('key', 'value')
    with open_recording(tmp_path / 'out') as recording:
        (connection,) = recording.connections
        assert connection.msgcount == 2
        assert connection.digest == TYPES.store.hash_rihs01(name_of('PoseArray'))
        assert 'MSG: posenet_ros/Keypoint' in connection.msgdef.data
        assert recording.custom_data == {'key': 'value'}
        assert recording.storage == storage


@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_a_disk_that_is_full_is_reported_with_the_folder(tmp_path: Path, storage: str) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with (
            pytest.raises(BagError, match=r'cannot write .*out: '),
            open_writer(tmp_path / 'out', storage, TYPES) as writer,
        ):
            write_poses(writer, 3000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_folder_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(BagError, match='exists already'), open_writer(tmp_path, MCAP, TYPES):
        pass


def test_a_topic_of_an_unknown_type_without_definition_is_copied(tmp_path: Path) -> None:
    source = write_bag(tmp_path / 'in', film('/image', np.zeros((1, 4, 6, 3), np.uint8)))
    with open_recording(source) as recording:
        (recorded,) = recording.connections
        unknown = recorded._replace(
            msgtype='robot/msg/Unknown',
            msgdef=MessageDefinition(MessageDefinitionFormat.NONE, ''),
            digest='',
        )
        with open_writer(tmp_path / 'out', MCAP, TYPES) as writer:
            writer.add_copy(unknown)
            for message in recording.messages([recorded]):
                writer.copy(message)
    with open_recording(tmp_path / 'out') as recording:
        (copied,) = recording.connections
        assert (copied.topic, copied.msgtype) == ('/image', 'robot/msg/Unknown')
        assert copied.msgcount == 1
