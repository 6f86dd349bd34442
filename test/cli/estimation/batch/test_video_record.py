import json
from pathlib import Path

import pytest

from posenet_ros.cli.estimation.batch.video_record import (
    describe_input,
    describe_selection,
    read_record,
    RECORD,
    write_record,
)
from posenet_ros.cli.estimation.video_summary import VideoSummary
from posenet_ros.errors import ImageError, PosenetError
from posenet_ros.videos.frames import FrameSelection

SUMMARY = VideoSummary(source='a.mp4', frames=3, width=4, height=2, end=0.1, damage='broken')


def test_a_record_is_read_by_the_same_command_only(tmp_path: Path) -> None:
    write_record(tmp_path, {'size': (1, 2), 'end': 0.1 + 0.2}, SUMMARY)
    assert read_record(tmp_path, {'end': 0.1 + 0.2, 'size': (1, 2)}) == SUMMARY
    with pytest.raises(PosenetError, match='is not what this command would write'):
        read_record(tmp_path, {'end': 0.3, 'size': (1, 2)})


@pytest.mark.parametrize('content', ['', '{', '[]', '{"command": {"format": 1}}', 'null'])
def test_a_folder_without_a_record_is_not_the_result_of_the_command(
    tmp_path: Path, content: str
) -> None:
    if content:
        (tmp_path / RECORD).write_text(content)
    with pytest.raises(PosenetError, match=r'exists, and is not.* move it away'):
        read_record(tmp_path, {})


def test_a_record_is_json_that_every_program_reads(tmp_path: Path) -> None:
    write_record(tmp_path, {'selection': describe_selection(FrameSelection())}, SUMMARY)
    json.loads((tmp_path / RECORD).read_text(), parse_constant=pytest.fail)


def test_an_input_is_known_by_the_name_size_and_content_of_its_files(tmp_path: Path) -> None:
    for name, content in (('a', b'1'), ('b', b'22')):
        (tmp_path / name).write_bytes(content)
    files = [tmp_path / 'a', tmp_path / 'b']
    described = dict(describe_input(files))
    first = described.pop('checksum')
    assert described == {'name': 'a', 'files': 2, 'bytes': 3}
    files[1].write_bytes(b'23')
    assert describe_input(files)['checksum'] != first
    with pytest.raises(ImageError, match='nowhere: No such file'):
        describe_input([tmp_path / 'nowhere'])
