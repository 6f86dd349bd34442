from pathlib import Path

import numpy as np

from posenet_ros.cli.estimation.report.sections import Sections
from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.poses import Pose


def result(source: str, moment: Moment | None, *ids: int) -> ImageResult:
    scores = np.full(17, 0.9, np.float32)
    scores[1] = 0.01
    poses = [
        Pose(0.12345, np.arange(34).reshape(17, 2) + np.float64(0.06), scores, track_id=number)
        for number in ids
    ]
    return ImageResult(
        source,
        moment=moment,
        image_size=(480, 640),
        quality='fast',
        model='mobilenet_v1_075',
        output_stride=16,
        input_size=(241, 321),
        poses=poses,
        tracked=True,
    )


def test_times_are_those_of_the_annotated_video_which_starts_at_0() -> None:
    sections, path = Sections(), Path('v_poses.mp4')
    sections.add(result('v.mp4', Moment(300, 10.0), 1), path)
    sections.add(result('v.mp4', Moment(301, 10.5)), path)
    sections.add(result('v.mp4', Moment(302, 11.0), 1, 2), path)
    (section,) = sections.all
    assert (section.name, section.files, section.is_video) == ('v.mp4', [path], True)
    assert (section.times, section.counts) == ([0.0, 0.5, 1.0], [1, 0, 2])
    assert {number: person['t'] for number, person in section.people.items()} == {
        1: [0.0, 1.0],
        2: [1.0],
    }


def test_keypoints_that_are_not_drawn_have_no_position() -> None:
    sections = Sections()
    sections.add(result('v.mp4', Moment(0, 0.0), 7), Path('v_poses.mp4'))
    person = sections.all[0].people[7]
    assert person['s'] == [0.123]
    assert person['x'][0][:3] == [0.1, None, 4.1]
    assert person['y'][0][:3] == [1.1, None, 5.1]


def test_each_video_has_its_section_and_all_images_have_one() -> None:
    sections = Sections()
    sections.add(result('a.png', None, 0), Path('a_poses.png'))
    sections.add(result('v.mp4', Moment(0, 0.0), 0), Path('v_poses.mp4'))
    sections.add(result('v.mp4', Moment(0, 0.0), 0), Path('v_poses_2.mp4'))
    sections.add(result('b.png', None, 0), Path('b_poses.png'))
    assert [section.name for section in sections.all] == ['Images', 'v.mp4', 'v.mp4']
    assert sections.all[0].files == [Path('a_poses.png'), Path('b_poses.png')]
    assert sections.all[0].times == [0.0, 1.0]
