from dataclasses import asdict, replace
import json

from made_results import made_result
import numpy as np
import pytest

from posenet_ros.boxes import box_of
from posenet_ros.cli.estimation.results import ImageResult, Moment, print_table, to_json
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose

Output = pytest.CaptureFixture[str]


def result(
    people: int, *, track_id: int = 0, tracked: bool = False, moment: Moment | None = None
) -> ImageResult:
    pose = Pose(
        keypoints=np.arange(34).reshape(17, 2) / 3,
        keypoint_scores=np.linspace(0.1, 0.9, 17),
        score=0.1 + 0.2,
        track_id=track_id,
    )
    return made_result('a.png', moment, [pose] * people, tracked=tracked)


def test_json_is_one_line_with_all_fields() -> None:
    (line,) = to_json(result(people=2)).splitlines()
    printed = json.loads(line)
    assert list(printed) == [
        'image', 'width', 'height', 'quality', 'model', 'output_stride', 'input_size', 'poses'
    ]  # fmt: skip
    assert printed['image'] == 'a.png'
    assert (printed['width'], printed['height']) == (640, 480)
    assert printed['quality'] == 'fast'
    assert (printed['model'], printed['output_stride']) == ('mobilenet_v1_075', 16)
    assert printed['input_size'] == [241, 321]
    assert len(printed['poses']) == 2


def test_json_of_a_frame_has_its_video_number_and_time_instead_of_an_image() -> None:
    printed = json.loads(to_json(result(people=0, moment=Moment(frame=12, time=0.4))))
    assert list(printed)[:3] == ['video', 'frame', 'time']
    assert (printed['video'], printed['frame'], printed['time']) == ('a.png', 12, 0.4)
    assert 'image' not in printed


def test_json_has_every_keypoint_in_full_precision() -> None:
    (pose,) = result(people=1).poses
    (printed,) = json.loads(to_json(result(people=1)))['poses']
    assert printed['score'] == 0.1 + 0.2
    assert [keypoint['part'] for keypoint in printed['keypoints']] == list(PART_NAMES)
    for keypoint, (x, y), score in zip(
        printed['keypoints'], pose.keypoints, pose.keypoint_scores, strict=True
    ):
        assert (keypoint['x'], keypoint['y'], keypoint['score']) == (x, y, score)


def test_json_has_the_box_of_every_person() -> None:
    (printed,) = json.loads(to_json(result(people=1)))['poses']
    expected = box_of(result(people=1).poses[0], (480, 640))
    assert expected
    assert printed['box'] == asdict(expected)


def test_a_box_that_is_not_known_is_null() -> None:
    unsure = Pose(0.5, np.zeros((17, 2)), np.zeros(17, np.float32))
    (printed,) = json.loads(to_json(replace(result(people=1), poses=[unsure])))['poses']
    assert printed['box'] is None


@pytest.mark.parametrize(('people', 'text'), [(0, '0 people'), (1, '1 person'), (2, '2 people')])
def test_the_table_starts_with_the_image_and_the_number_of_people(
    people: int, text: str, capsys: Output
) -> None:
    print_table(result(people))
    assert capsys.readouterr().out.splitlines()[0] == f'a.png (640x480): {text}'


def test_the_table_has_a_line_for_every_part_of_every_person(capsys: Output) -> None:
    print_table(result(people=2))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:19]] == list(PART_NAMES)
    assert lines[1] == '  person 1, score 0.300'
    assert lines[3].split() == ['left_eye', 'x', '0.7', 'y', '1.0', 'score', '0.150']
    assert len(lines) == 1 + 2 * 18


@pytest.mark.parametrize(('track_id', 'text'), [(7, 'id 7'), (0, 'no id')])
def test_the_table_has_the_id_of_every_person_who_is_tracked_or_says_that_there_is_none(
    track_id: int, text: str, capsys: Output
) -> None:
    print_table(result(people=2, track_id=track_id, tracked=True))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f'  person 1, {text}, score 0.300'
    assert lines[19] == f'  person 2, {text}, score 0.300'


@pytest.mark.parametrize('track_id', [0, 7])
def test_json_has_the_track_id_of_every_person(track_id: int) -> None:
    (pose,) = json.loads(to_json(result(people=1, track_id=track_id)))['poses']
    assert pose['track_id'] == track_id
