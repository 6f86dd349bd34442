import json
import os
from pathlib import Path

from made_results import made_result
import pytest

from posenet_ros.cli.estimation.json_lines import JsonLines
from posenet_ros.cli.estimation.results import Moment, to_json
from posenet_ros.cli.output import OutputError

RESULTS = [made_result('a', Moment(number, 0.1), [], tracked=True) for number in range(2)]


def test_the_file_has_a_line_for_each_result_and_appears_when_closed(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / 'a.jsonl')
    for result in RESULTS:
        lines.add(result)
    assert not (tmp_path / 'a.jsonl').exists()
    lines.close()
    assert os.listdir(tmp_path) == ['a.jsonl']
    written = (tmp_path / 'a.jsonl').read_text().splitlines()
    assert written == [to_json(result) for result in RESULTS]
    assert [json.loads(line)['frame'] for line in written] == [0, 1]


def test_a_file_that_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / 'a.jsonl')
    lines.add(RESULTS[0])
    lines.discard()
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    with pytest.raises(OutputError, match=r'cannot write .*a\.jsonl'):
        JsonLines(tmp_path / 'file' / 'a.jsonl')
