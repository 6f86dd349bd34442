"""The measurement of accuracy: its rows, what counts as found, and the page."""

from collections.abc import Sequence
import dataclasses
from pathlib import Path
import sys
from typing import Any

import accuracy
from accuracy_figures import Figures, pareto_front, RowFigures
from accuracy_matches import bin_of, count_found, count_poses, HEIGHTS, PoseCounts, similarities
from accuracy_page import render_tables, write_tables
from accuracy_rows import ALL_POSES, Row, ROWS
from accuracy_runs import load_rows, run_rows
from average_precision import Evaluation, Precision, to_result
from coco_people import People, read_coco
from golden import ROOT
from made_coco import make_annotations, make_person, make_pose, write_coco
import numpy as np
import pytest

from posenet_ros.errors import SettingError
from posenet_ros.estimation import (
    AttentionSettings,
    ModelSettings,
    PoseEstimator,
    PoseSettings,
    RuntimeSettings,
)
from posenet_ros.estimation.closer_look import CloserLook
from posenet_ros.framing.whole_image import stretched
from posenet_ros.poses import Pose

LEFT, RIGHT = (50.0, 40.0, 150.0, 300.0), (350.0, 40.0, 150.0, 300.0)
# So many pixels to the right, the OKS with a person in one of the boxes is 0.42.
FAR = 25.0
WITHOUT_PYCOCOTOOLS = 'pycocotools is not installed: make accuracy installs it'


def people_of(folder: Path, *people: dict[str, Any]) -> People:
    """Return the people of picture 2, read from a folder."""
    return read_coco(write_coco(folder, make_annotations(people, [2]))).pictures[0].people


def figures_of(row: Row, ap: float, milliseconds: float) -> RowFigures:
    by_height = np.tile(np.array([[200], [100], [150]]), len(HEIGHTS))
    counts = PoseCounts(poses=8, doubles=2, false=1)
    precision = Precision(ap, 0.6, 0.3, 0.2, 0.5, 0.4)
    return RowFigures(row, precision, counts, by_height, milliseconds)


# The rows


@pytest.mark.parametrize('row', ROWS, ids=lambda row: row.name)
def test_every_row_has_valid_settings(row: Row) -> None:
    for group in (ModelSettings, PoseSettings, RuntimeSettings, AttentionSettings):
        for name, value in dataclasses.asdict(row.group(group)).items():
            assert value == row.changed.get(name, value)


def test_the_first_row_has_the_default_settings() -> None:
    assert ROWS[0].group(PoseSettings) == PoseSettings()
    assert ROWS[0].group(ModelSettings) == ModelSettings()


def test_all_rows_but_the_qualities_have_every_pose_of_20_people() -> None:
    assert ALL_POSES == {'max_pose_detections': 20, 'min_pose_score': 0.0}
    limited = [row.name for row in ROWS if not ALL_POSES.items() <= row.changed.items()]
    assert limited == ['default', 'balanced', 'accurate']


def test_no_two_rows_have_the_same_name() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_a_row_with_an_unknown_setting_is_refused() -> None:
    with pytest.raises(SettingError, match='row fast has unknown settings: scale'):
        Row('fast', {'scale': 0.5}).group(PoseSettings)


def test_a_row_whose_model_was_not_downloaded_is_left_out_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    with pytest.raises(SystemExit, match='no row is left'):
        load_rows(ROWS[:1])
    error = capsys.readouterr().err
    assert 'default is left out' in error
    assert 'posenet download' in error


class _Estimator(PoseEstimator):
    """Finds nobody, and records its calls."""

    def __init__(self, name: str, calls: list[tuple[str, int]]) -> None:
        self.name, self.calls, self.settings = name, calls, PoseSettings()

    def estimate(self, image: Any, settings: PoseSettings | None = None) -> list[Pose]:
        self.calls.append((self.name, image.shape[1]))
        return []

    def frame(self, image_size: Any, settings: PoseSettings | None = None) -> Any:
        return stretched(image_size, (image_size[0] // 2, image_size[1] // 2))


def test_all_rows_take_turns_on_a_picture_before_the_next_one(tmp_path: Path) -> None:
    annotations = make_annotations([make_person(2, LEFT), make_person(4, LEFT)], [2, 4])
    annotations['images'][1]['width'] = 500
    coco = read_coco(write_coco(tmp_path, annotations))
    calls: list[tuple[str, int]] = []
    finders = {
        row: CloserLook(_Estimator(row.name, calls)) for row in (Row('a', {}), Row('b', {}))
    }
    runs = run_rows(finders, coco.pictures)
    assert [width for _, width in calls] == [640, 640, 500, 500]
    for of_picture in (calls[:2], calls[2:]):
        assert sorted(name for name, _ in of_picture) == ['a', 'b']
    assert [[run.network_scale for run in of_row] for of_row in runs.values()] == [[0.5, 0.5]] * 2
    assert all(run.cpu_milliseconds >= 0 for of_row in runs.values() for run in of_row)


# The folder


def message_of(folder: Path | None) -> str:
    with pytest.raises(SystemExit) as raised:
        read_coco(folder)
    return str(raised.value)


def test_without_a_folder_the_program_says_what_to_download(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, 'argv', ['accuracy.py'])
    with pytest.raises(SystemExit) as raised:
        accuracy.main()
    for fact in ('val2017.zip', 'annotations_trainval2017.zip', 'make accuracy COCO='):
        assert fact in str(raised.value)


def test_a_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    message = message_of(tmp_path)
    assert f'{tmp_path} has no annotations/person_keypoints_val2017.json' in message
    assert 'annotations_trainval2017.zip' in message


def test_a_folder_without_some_pictures_is_refused(tmp_path: Path) -> None:
    write_coco(tmp_path, make_annotations([make_person(2, LEFT), make_person(4, LEFT)], [2, 4]))
    (tmp_path / 'val2017' / '000000000004.jpg').unlink()
    assert '1 of 2 pictures are missing' in message_of(tmp_path)


def test_pictures_without_people_are_not_used(tmp_path: Path) -> None:
    coco = read_coco(write_coco(tmp_path, make_annotations([make_person(2, LEFT)], [1, 2])))
    assert [picture.number for picture in coco.pictures] == [2]


def test_the_share_of_estimated_areas_is_that_of_people_with_keypoints(tmp_path: Path) -> None:
    people = [
        make_person(2, LEFT),
        {**make_person(2, RIGHT), 'exact_area': False},
        {**make_person(2, RIGHT, keypoints=0), 'exact_area': False},
    ]
    coco = read_coco(write_coco(tmp_path, make_annotations(people, [2])))
    assert coco.share_of_estimated_areas == 0.5


# COCO's measures, by pycocotools


def evaluate(poses: dict[int, Sequence[Pose]]) -> Precision:
    """Return the measures for two people in picture 2 and one in picture 4."""
    pytest.importorskip('pycocotools', reason=WITHOUT_PYCOCOTOOLS)
    people = [make_person(2, LEFT), make_person(2, RIGHT), make_person(4, LEFT)]
    return Evaluation(make_annotations(people, [2, 4]), [2, 4]).evaluate(poses)


def test_perfect_poses_have_an_average_precision_of_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    precision = evaluate({2: [make_pose(LEFT), make_pose(RIGHT)], 4: [make_pose(LEFT)]})
    assert precision.ap == precision.ap50 == precision.recall == pytest.approx(1)
    assert capsys.readouterr().out == ''


def test_poses_that_are_moved_have_less_precision() -> None:
    near, far = (
        evaluate({
            2: [make_pose(LEFT, right=pixels), make_pose(RIGHT, right=pixels)],
            4: [make_pose(LEFT, right=pixels)],
        })
        for pixels in (8.0, FAR)
    )  # fmt: skip
    assert 0 < near.ap < 1
    assert near.ap50 == pytest.approx(1)
    assert far.ap50 == 0


def test_a_person_who_is_not_found_costs_recall() -> None:
    precision = evaluate({2: [make_pose(LEFT)], 4: [make_pose(LEFT)]})
    assert precision.recall == pytest.approx(2 / 3)


def test_no_poses_have_an_average_precision_of_0() -> None:
    assert evaluate({2: [], 4: []}).ap == 0


def test_our_similarities_are_those_of_pycocotools(tmp_path: Path) -> None:
    coco, cocoeval = (
        pytest.importorskip(f'pycocotools.{name}', reason=WITHOUT_PYCOCOTOOLS)
        for name in ('coco', 'cocoeval')
    )
    rows = [make_person(2, LEFT), make_person(2, RIGHT, keypoints=5)]
    rows += [make_person(2, RIGHT, keypoints=0), make_person(2, LEFT, keypoints=0, crowd=True)]
    poses = [make_pose(LEFT, right=pixels) for pixels in (0, 9, 250, 600)]
    true = coco.COCO()
    true.dataset = make_annotations(rows, [2])
    true.createIndex()
    evaluation = cocoeval.COCOeval(
        true, true.loadRes([to_result(2, pose) for pose in poses]), 'keypoints'
    )
    evaluation._prepare()
    ours = similarities(poses, people_of(tmp_path, *rows))
    np.testing.assert_allclose(ours, evaluation.computeOks(2, 1), atol=1e-12)


# Who is found


def test_a_pose_is_similar_only_to_its_own_person(tmp_path: Path) -> None:
    people = people_of(tmp_path, make_person(2, LEFT), make_person(2, RIGHT))
    similar = similarities([make_pose(LEFT), make_pose(RIGHT, right=FAR)], people)
    np.testing.assert_allclose(similar, [[1.0, 0.0], [0.0, 0.42]], atol=0.01)


def test_only_keypoints_that_are_annotated_count(tmp_path: Path) -> None:
    people = people_of(tmp_path, make_person(2, LEFT, keypoints=3))
    pose = make_pose(LEFT)
    pose.keypoints[3:] += 1000
    np.testing.assert_allclose(similarities([pose], people), [[1.0]])


def test_a_second_pose_of_a_person_who_is_found_is_a_double(tmp_path: Path) -> None:
    people = people_of(tmp_path, make_person(2, LEFT), make_person(2, RIGHT))
    poses = [make_pose(LEFT, right=FAR), make_pose(LEFT), make_pose(RIGHT)]
    assert count_poses(similarities(poses, people), people) == PoseCounts(3, doubles=1, false=0)


def test_two_poor_poses_of_a_person_are_not_doubles(tmp_path: Path) -> None:
    people = people_of(tmp_path, make_person(2, LEFT))
    poses = [make_pose(LEFT, right=FAR), make_pose(LEFT, right=-FAR)]
    assert count_poses(similarities(poses, people), people) == PoseCounts(2, doubles=0, false=0)


def test_a_pose_of_nobody_is_false(tmp_path: Path) -> None:
    people = people_of(tmp_path, make_person(2, LEFT))
    poses = [make_pose(LEFT), make_pose(RIGHT)]
    assert count_poses(similarities(poses, people), people) == PoseCounts(2, doubles=0, false=1)


@pytest.mark.parametrize('crowd', [True, False])
def test_a_pose_in_a_crowd_or_of_a_person_without_keypoints_is_not_false(
    tmp_path: Path, crowd: bool
) -> None:
    people = people_of(tmp_path, make_person(2, RIGHT, keypoints=0, crowd=crowd))
    similar = similarities([make_pose(RIGHT)], people)
    assert count_poses(similar, people) == PoseCounts(1, doubles=0, false=0)
    assert count_found(similar, people, 1.0).sum() == 0


def test_a_picture_without_poses_is_counted(tmp_path: Path) -> None:
    people = people_of(tmp_path, make_person(2, LEFT))
    similar = similarities([], people)
    assert count_poses(similar, people) == PoseCounts(0, doubles=0, false=0)
    assert count_found(similar, people, 1.0).sum(axis=1).tolist() == [1, 0, 0]


def test_a_bin_starts_at_its_limit_and_ends_before_the_next_one() -> None:
    heights = np.array([0.0, 31.9, 32.0, 47.9, 191.9, 192.0, 5000.0])
    assert bin_of(heights).tolist() == [0, 0, 1, 1, 7, 8, 8]


def test_people_are_counted_by_their_height_in_the_network_input(tmp_path: Path) -> None:
    tall, small = LEFT, (350.0, 40.0, 45.0, 90.0)
    people = people_of(tmp_path, make_person(2, tall), make_person(2, small))
    similar = similarities([make_pose(tall), make_pose(small, right=7)], people)
    every, found, near = count_found(similar, people, 0.5).tolist()
    # 150 and 45 pixels
    assert every == near == [0, 1, 0, 0, 0, 0, 1, 0, 0]
    assert found == [0, 0, 0, 0, 0, 0, 1, 0, 0]


# The page


def test_the_pareto_front_has_the_rows_that_beat_every_faster_one() -> None:
    rows = {
        name: figures_of(Row(name, {}), ap, milliseconds)
        for name, ap, milliseconds in (
            ('slow', 0.3, 20.0), ('worse', 0.29, 21.0), ('fast', 0.1, 5.0),
            ('equally fast', 0.08, 5.0), ('as accurate as fast', 0.1, 6.0), ('medium', 0.2, 9.0),
        )
    }  # fmt: skip
    front = pareto_front(list(rows.values()))
    assert [one.row.name for one in front] == ['fast', 'medium', 'slow']


SLOWER = next(row for row in ROWS if row.name == 'factor_0.7')


def test_the_tables_show_every_row(tmp_path: Path) -> None:
    rows = [figures_of(ROWS[0], 0.141, 5.0), figures_of(SLOWER, 0.223, 9.0)]
    tables = render_tables(Figures(rows, 4, 7, share_of_estimated_areas=0.64))
    assert '4 pictures of COCO val2017 with 7 people' in tables
    assert '64 % of the people are estimates' in tables.replace('\n', ' ')
    assert '| default | defaults | 14.1 | 60.0 | ' in tables
    assert '| factor 0.7 | `image_scale_factor: 0.7` | 22.3 | ' in tables
    assert '| 9.0 ms | 1.80 |' in tables
    assert '| factor 0.7 | 2.00 | 0.50 | 0.25 |' in tables
    assert '| 32 to 48 | 50 % / 75 % of 200 |' in tables


def test_the_tables_are_written_between_the_marks_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / 'accuracy.md'
    page.write_text((ROOT / 'docs' / 'accuracy.md').read_text())
    write_tables('new tables\n', page)
    text = page.read_text()
    assert '<!-- written by make accuracy -->\nnew tables\n<!-- end -->' in text
    assert text.startswith('# Accuracy')


def test_the_chart_names_every_row(tmp_path: Path) -> None:
    pytest.importorskip('matplotlib', reason='matplotlib is not installed: make accuracy does it')
    from accuracy_chart import draw_chart

    rows = [figures_of(row, 0.1 + 0.02 * index, 5.0 + index) for index, row in enumerate(ROWS)]
    rows.append(figures_of(Row('near', {'attention': 'closer_look'}), 0.4, 9.0))
    draw_chart(rows, tmp_path / 'chart.svg')
    text = (tmp_path / 'chart.svg').read_text()
    assert [one.row.title for one in rows if f'<!-- {one.row.title} -->' not in text] == []
    assert '<!-- closer_look -->' in text
