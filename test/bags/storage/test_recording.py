from pathlib import Path
from typing import Any

from made_bags import change_qos, film, Made, Rgb, START, STORE, text, write_bag
import numpy as np
import pytest
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import CompressionMode, StoragePlugin, Writer

from posenet_ros.bags.storage.recording import MCAP, open_recording, SQLITE3, storage_files
from posenet_ros.errors import BagError

QOS = Qos(
    QosHistory.KEEP_LAST,
    5,
    QosReliability.BEST_EFFORT,
    QosDurability.VOLATILE,
    QosTime(0, 0),
    QosTime(0, 0),
    QosLiveliness.AUTOMATIC,
    QosTime(0, 0),
    False,
)


@pytest.fixture
def pictures() -> list[Rgb]:
    """Return three small pictures."""
    return list(np.zeros((3, 4, 6, 3), np.uint8))


def refusal(path: Path) -> str:
    """Return why a path cannot be opened."""
    with pytest.raises(BagError) as caught, open_recording(path):
        pass
    return str(caught.value)


def test_a_path_without_a_bag_is_refused_with_the_remedy(tmp_path: Path) -> None:
    assert 'nowhere: it does not exist' in refusal(tmp_path / 'nowhere')
    assert f'run: ros2 bag reindex {tmp_path}' in refusal(tmp_path)
    (tmp_path / 'old.bag').write_bytes(b'#ROSBAG V2.0')
    assert 'rosbags-convert --src' in refusal(tmp_path / 'old.bag')
    (tmp_path / 'film.mp4').write_bytes(b'')
    assert 'an .mcap or .db3 file' in refusal(tmp_path / 'film.mp4')


@pytest.mark.parametrize(
    ('storage', 'suffix', 'remedy'),
    [
        (MCAP, 'mcap', 'run: mcap recover, or: ros2 bag convert'),
        (SQLITE3, 'db3', 'run: ros2 bag reindex'),
    ],
)
def test_a_truncated_bag_is_refused_with_the_remedy(
    tmp_path: Path, pictures: list[Rgb], storage: str, suffix: str, remedy: str
) -> None:
    source = write_bag(tmp_path / 'in', film('/image', pictures), storage=storage)
    path = source / f'in.{suffix}'
    content = path.read_bytes()
    for length in (0, 3, 20, len(content) // 2):
        path.write_bytes(content[:length])
        for opened in (source, path):
            message = refusal(opened)
            assert f'cannot open {opened}: ' in message
            assert remedy in message


@pytest.mark.parametrize(
    'options',
    [
        {'storage': MCAP},
        {'storage': SQLITE3},
        {'storage': SQLITE3, 'compression': CompressionMode.MESSAGE},
        {'storage': MCAP, 'compression': CompressionMode.FILE},
    ],
)
def test_messages_are_read_although_the_metadata_have_another_qos(
    tmp_path: Path, pictures: list[Rgb], options: dict[str, Any]
) -> None:
    images, words = film('/image', pictures), Made('/chatter', START, text('hello'))
    source = write_bag(tmp_path / 'in', [*images, words], **options)
    change_qos(source, '/image')
    with open_recording(source) as recording:
        wanted = [one for one in recording.connections if one.topic == '/image']
        read = list(recording.messages(wanted))
    assert [one.time for one in read] == [one.time for one in images]
    assert all([one.connection] == wanted for one in read)


def test_a_topic_with_two_qos_is_read_only_where_it_is_wanted(tmp_path: Path) -> None:
    source = tmp_path / 'in'
    with Writer(source, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for number, profiles in enumerate(([], [QOS])):
            connection = writer.add_connection(
                '/chatter', 'std_msgs/msg/String', typestore=STORE, offered_qos_profiles=profiles
            )
            writer.write(connection, START + number, b'')
    with open_recording(source) as recording:
        assert len(recording.connections) == 2
        for number, wanted in enumerate(recording.connections):
            (message,) = recording.messages([wanted])
            assert (message.time, message.connection) == (START + number, wanted)


def test_a_broken_metadata_file_is_refused(tmp_path: Path, pictures: list[Rgb]) -> None:
    source = write_bag(tmp_path / 'in', film('/image', pictures))
    (source / 'metadata.yaml').write_text('rosbag2_bagfile_information: {version: [')
    assert 'cannot open' in refusal(source)
    (source / 'metadata.yaml').write_text('- 1')
    assert 'cannot open' in refusal(source)


@pytest.mark.parametrize(
    ('options', 'name'),
    [
        ({'storage': MCAP}, 'in.mcap'),
        ({'storage': SQLITE3}, 'in.db3'),
        ({'storage': SQLITE3, 'compression': CompressionMode.FILE}, 'in.db3.zstd'),
    ],
)
def test_the_files_with_messages_are_those_of_the_storage(
    tmp_path: Path, pictures: list[Rgb], options: dict[str, Any], name: str
) -> None:
    source = write_bag(tmp_path / 'in', film('/image', pictures), **options)
    path = source / name
    for other in ('notes.txt', 'metadata.yaml~', 'in.db3-wal'):
        (source / other).touch()
    assert storage_files(source) == storage_files(path) == [path]


def test_bags_that_began_at_other_times_have_another_identity(
    tmp_path: Path, pictures: list[Rgb]
) -> None:
    identities = []
    for folder, first in (('a', START), ('b', START + 1), ('c', START)):
        source = write_bag(tmp_path / folder / 'in', film('/image', pictures, first=first))
        with open_recording(source) as recording:
            identities.append(recording.identity)
    assert identities[0] == identities[2] != identities[1]
