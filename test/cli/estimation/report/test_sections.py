from made_results import made_result
import numpy as np
import pytest

from posenet_ros.cli.estimation.report import sections
from posenet_ros.cli.estimation.report.sections import Section
from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.poses import Pose


def result(source: str, moment: Moment | None, *ids: int) -> ImageResult:
    scores = np.full(17, 0.9, np.float32)
    scores[1] = 0.01
    poses = [
        Pose(0.12345, np.arange(34).reshape(17, 2) + np.float64(0.06), scores, track_id=number)
        for number in ids
    ]
    return made_result(source, moment, poses, tracked=True)


def test_times_are_those_of_the_annotated_video_which_starts_at_0() -> None:
    section = Section('v.mp4', is_video=True)
    section.add(result('v.mp4', Moment(300, 10.0), 1))
    section.add(result('v.mp4', Moment(301, 10.5)))
    section.add(result('v.mp4', Moment(302, 11.0), 1, 2))
    plots = section.plots()
    assert (plots['times'], plots['counts']) == ([0.0, 0.5, 1.0], [1, 0, 2])
    assert {number: person['t'] for number, person in plots['people'].items()} == {
        1: [0.0, 1.0],
        2: [1.0],
    }


def test_keypoints_that_are_not_drawn_have_no_position() -> None:
    section = Section('v.mp4', is_video=True)
    section.add(result('v.mp4', Moment(0, 0.0), 7))
    person = section.plots()['people'][7]
    assert person['s'] == [0.123]
    assert person['x'][0][:3] == [0.1, None, 4.1]
    assert person['y'][0][:3] == [1.1, None, 5.1]
    assert len(person['x'][0]) == len(person['y'][0]) == 17


def test_images_have_their_numbers_as_times() -> None:
    section = Section('Images', is_video=False)
    section.add(result('a.png', None, 0))
    section.add(result('b.png', None))
    assert section.plots()['times'] == [0.0, 1.0]


def test_of_a_long_video_only_every_nth_frame_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, 'MAX_FRAMES', 10)
    section = Section('v.mp4', is_video=True)
    for number in range(37):
        section.add(result('v.mp4', Moment(number, float(number)), 1))
    times = [float(number) for number in range(0, 37, 4)]
    assert section.every == 4
    assert section.plots()['times'] == section.plots()['people'][1]['t'] == times
