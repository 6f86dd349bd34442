import csv
from dataclasses import astuple, replace
import os
from pathlib import Path

from made_results import made_result
import numpy as np
import pytest

from posenet_ros.boxes import box_of
from posenet_ros.cli.estimation.csv_table import COLUMNS, CsvTable
from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.cli.output import OutputError
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose

POSE = Pose(
    keypoints=np.arange(34).reshape(17, 2) / 3,
    keypoint_scores=np.linspace(0.1, 0.9, 17).astype(np.float32),
    score=0.1 + 0.2,
    track_id=7,
)

BOX = box_of(POSE, (480, 640))


def result(source: str, moment: Moment | None, people: int) -> ImageResult:
    return made_result(source, moment, [POSE] * people, tracked=True)


def read_rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def test_there_is_one_row_for_each_person_and_frame_in_full_precision(tmp_path: Path) -> None:
    table = CsvTable(tmp_path / 'a' / 'poses.csv')
    for frame, people in enumerate([2, 0, 1]):
        table.add(result('v, "1".mp4', Moment(frame, frame / 3), people))
    table.close()
    rows = read_rows(tmp_path / 'a' / 'poses.csv')
    assert [(row['source'], row['frame']) for row in rows] == [
        ('v, "1".mp4', frame) for frame in ('0', '0', '2')
    ]
    assert [float(row['time']) for row in rows] == [0, 0, 2 / 3]
    for row in rows:
        assert (row['track_id'], float(row['score'])) == ('7', 0.1 + 0.2)
        assert BOX is not None
        box = [float(row[name]) for name in ('x_min', 'y_min', 'x_max', 'y_max')]
        assert box == list(astuple(BOX))
        for index, part in enumerate(PART_NAMES):
            values = [float(row[f'{part}_{value}']) for value in ('x', 'y', 'score')]
            assert values == [*POSE.keypoints[index], POSE.keypoint_scores[index]]


def test_a_single_image_has_neither_frame_nor_time(tmp_path: Path) -> None:
    table = CsvTable(tmp_path / 'poses.csv')
    table.add(result('a\udcff.png', None, 1))
    table.close()
    (row,) = read_rows(tmp_path / 'poses.csv')
    assert (row['source'], row['frame'], row['time']) == ('a\\udcff.png', '', '')
    assert list(row) == list(COLUMNS)


def test_a_box_that_is_not_known_is_empty(tmp_path: Path) -> None:
    table = CsvTable(tmp_path / 'poses.csv')
    unsure = replace(POSE, keypoint_scores=np.full(17, 0.1, np.float32))
    table.add(replace(result('a.png', None, 0), poses=[unsure]))
    table.close()
    (row,) = read_rows(tmp_path / 'poses.csv')
    assert [row[name] for name in ('x_min', 'y_min', 'x_max', 'y_max')] == [''] * 4
    assert row['nose_score'] != ''


def test_the_file_appears_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / 'poses.csv'
    path.write_text('old')
    table = CsvTable(path)
    assert path.read_text() == 'old'
    table.close()
    assert read_rows(path) == []
    assert os.listdir(tmp_path) == ['poses.csv']


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(OutputError, match=r'cannot write .*poses\.csv'):
        CsvTable(tmp_path / 'file' / 'poses.csv')
