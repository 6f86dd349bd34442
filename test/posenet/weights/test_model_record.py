import os
from pathlib import Path

import pytest

from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT
from posenet_ros.posenet.weights.model_record import (
    describe_graphs,
    move_record,
    read_record,
    write_record,
)

# Of the five bytes "graph".
SHA256 = 'eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one graph and another file."""
    (tmp_path / 'stride8.onnx').write_bytes(b'graph')
    (tmp_path / 'notes.txt').write_text('')
    return tmp_path


def test_a_record_has_the_sha256_of_every_graph_and_this_releases_format(folder: Path) -> None:
    record = describe_graphs(folder, source='a test', verified=True)
    assert record.graphs == {'stride8.onnx': SHA256}
    assert record.graph_format == GRAPH_FORMAT


def test_a_written_record_can_be_read_back(folder: Path) -> None:
    record = describe_graphs(folder, source='a test', verified=False)
    write_record(folder, record)
    assert read_record(folder) == record


def test_a_moved_record_replaces_the_old_one(folder: Path, tmp_path: Path) -> None:
    write_record(folder, describe_graphs(folder, source='a test', verified=False))
    other = describe_graphs(folder, source='another test', verified=True)
    temporary = tmp_path / 'temporary'
    temporary.mkdir()
    write_record(temporary, other)
    move_record(temporary, folder)
    assert read_record(folder) == other
    assert list(temporary.iterdir()) == []


def test_moving_a_record_that_is_not_there_keeps_the_old_one(folder: Path) -> None:
    record = describe_graphs(folder, source='a test', verified=False)
    write_record(folder, record)
    with pytest.raises(OSError, match='nowhere'):
        move_record(folder / 'nowhere', folder)
    assert read_record(folder) == record


def test_a_record_that_is_a_fifo_is_refused_without_waiting_for_its_writer(folder: Path) -> None:
    os.mkfifo(folder / 'model.json')
    with pytest.raises(OSError, match=r'it is a FIFO or a device.*model\.json'):
        read_record(folder)


@pytest.mark.parametrize('text', ['', '[]', '{"source": 1}'])
def test_an_invalid_record_is_rejected(folder: Path, text: str) -> None:
    (folder / 'model.json').write_text(text)
    with pytest.raises((ValueError, TypeError)):
        read_record(folder)
