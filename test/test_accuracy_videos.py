"""The measurement on videos: published keypoints, errors, who is covered, and the page."""

from collections.abc import Sequence
import json
from pathlib import Path

import accuracy
from accuracy_page import write_tables
from accuracy_rows import Row
from accuracy_video_coverage import Coverage, measure_coverage
from accuracy_video_figures import compute_errors, compute_video_figures, Errors
from accuracy_video_page import render_video_tables, VIDEOS_BEGIN
from accuracy_video_runs import (
    BASE,
    CLOSER,
    FULL_SIZE,
    ImageRun,
    LARGE_REGIONS,
    run_clip,
    VIDEO_ROWS,
)
from accuracy_video_tracks import check_folder, Clip, read_clip, read_keypoints, Video, VIDEOS
import cv2
from golden import ROOT
from made_poses import pose_at
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.estimation import PoseSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose


def write_video(folder: Path, images: int) -> Path:
    """Write a video at 10 Hz, whose images are 80 brighter one after the other, up to white."""
    path = folder / 'video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 10.0, (64, 48))
    for number in range(images):
        writer.write(np.full((48, 64, 3), min(80 * number, 255), np.uint8))
    writer.release()
    return path


def cover(
    reference: Sequence[Sequence[Pose]], poses: Sequence[Sequence[Pose]], *, grace: float = 0.5
) -> Coverage:
    """Return the coverage in images at 10 Hz."""
    return measure_coverage(reference, poses, rate=10.0, image_size=(480, 640), grace=grace)


def run_of(*poses: Pose, wall: float = 4.0) -> ImageRun:
    return ImageRun(poses, searched=False, regions=1, wall=wall, cpu=2 * wall)


@pytest.mark.parametrize('row', [*VIDEO_ROWS, LARGE_REGIONS], ids=lambda row: row.name)
def test_every_row_of_the_videos_has_valid_settings(row: Row) -> None:
    for group in (PoseSettings, AttentionSettings):
        for name, value in vars(row.group(group)).items():
            assert value == row.changed.get(name, value)


# Videos and published keypoints


def test_keypoints_of_movenet_are_read_by_their_names(tmp_path: Path) -> None:
    row = {name: {'x': index, 'y': -index} for index, name in enumerate(reversed(PART_NAMES))}
    (tmp_path / 'track.json').write_text(json.dumps([row, row]))
    keypoints = read_keypoints(tmp_path / 'track.json')
    assert keypoints.shape == (2, 17, 2)
    assert keypoints[1, 0].tolist() == [16.0, -16.0]


def test_keypoints_of_blazepose_are_read_in_the_order_of_coco(tmp_path: Path) -> None:
    row = [[index, 10 * index, 0.5] for index in range(33)]
    (tmp_path / 'track.json').write_text(json.dumps([row]))
    (keypoints,) = read_keypoints(tmp_path / 'track.json')
    expected = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
    assert keypoints.tolist() == [[index, 10.0 * index] for index in expected]


def test_a_folder_without_some_videos_is_refused_with_what_to_download(tmp_path: Path) -> None:
    (tmp_path / 'pose_1.mp4').touch()
    with pytest.raises(SystemExit, match=r'has no pose_1\.json, .*vtest\.avi\. Download'):
        check_folder(tmp_path)


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'vtest.avi').write_bytes(b'text')
    with pytest.raises(SystemExit, match='is no video that OpenCV can read'):
        read_clip(tmp_path, VIDEOS[-1], max_images=5)


def test_a_clip_has_as_many_images_as_wanted_and_published(tmp_path: Path) -> None:
    path = write_video(tmp_path, 6)
    (tmp_path / 'track.json').write_text(json.dumps([[[0, 0, 0]] * 33] * 4))
    video = Video('made', path.name, 'track.json')
    assert len(read_clip(tmp_path, Video('made', path.name), max_images=5).images) == 5
    clip = read_clip(tmp_path, video, max_images=5)
    assert (len(clip.images), clip.rate) == (4, 10.0)
    assert clip.keypoints is not None
    assert len(clip.keypoints) == 4


def test_a_clip_is_played_forwards_and_backwards_with_its_keypoints(tmp_path: Path) -> None:
    path = write_video(tmp_path, 3)
    (tmp_path / 'track.json').write_text(json.dumps([[[x, 0, 0]] * 33 for x in range(3)]))
    video = Video('made', path.name, 'track.json', passes=3)
    clip = read_clip(tmp_path, video, max_images=5)
    assert clip.keypoints is not None
    assert clip.keypoints[:, 0, 0].tolist() == [0, 1, 2, 2, 1, 0, 0, 1, 2]
    assert [round(image.mean() / 80) for image in clip.images] == [0, 1, 2, 2, 1, 0, 0, 1, 2]


# Errors


def test_the_error_is_that_of_the_pose_with_the_highest_score() -> None:
    true = pose_at(100).keypoints
    other = Pose(0.2, true + 50, np.ones(17, np.float32))
    near = Pose(0.5, true + np.array([3, 4]), np.ones(17, np.float32))
    runs = [run_of(other, near), run_of()]
    assert compute_errors(runs, np.array([true, true])) == Errors(5.0, 5.0, missed=1)


def test_a_row_that_finds_nobody_has_no_error() -> None:
    errors = compute_errors([run_of()], pose_at(100).keypoints[np.newaxis])
    assert np.isnan(errors.median)
    assert errors.missed == 1


# Who is covered


def test_everybody_is_covered_by_the_same_poses() -> None:
    poses = [[pose_at(100), pose_at(400)]] * 10
    # Both count after half a second.
    assert cover(poses, poses) == Coverage(seen=10, covered=10, longest_gap=0.0, lost=0)


def test_somebody_who_is_found_within_the_time_of_grace_is_covered() -> None:
    reference = [[pose_at(100)]] * 10
    nobody: list[Pose] = []
    poses = [*[nobody] * 5, *reference[5:]]
    assert cover(reference, poses) == Coverage(seen=5, covered=5, longest_gap=0.5, lost=0)


def test_somebody_without_a_pose_for_longer_is_lost_once() -> None:
    reference = [[pose_at(100), pose_at(400)]] * 10
    poses = [[pose_at(400)]] * 10
    assert cover(reference, poses) == Coverage(seen=10, covered=5, longest_gap=1.0, lost=1)


def test_a_pose_elsewhere_does_not_cover_a_person() -> None:
    assert cover([[pose_at(100)]] * 10, [[pose_at(400)]] * 10).covered == 0


def test_the_time_in_view_starts_again_after_an_image_without_the_person() -> None:
    reference = [[pose_at(100)]] * 5 + [[]] + [[pose_at(100)]] * 5
    assert cover(reference, [[]] * 11) == Coverage(seen=0, covered=0, longest_gap=0.5, lost=0)


# Runs and the page


@pytest.fixture(scope='module')
def clip() -> Clip:
    """Return three grey images; the network finds nobody there."""
    image: NDArray[np.uint8] = np.full((48, 64, 3), 90, np.uint8)
    return Clip(Video('grey', 'grey.avi'), [image] * 3, 10.0, None)


def test_rows_that_look_closer_search_only_some_images(clip: Clip) -> None:
    runs = run_clip([BASE, CLOSER], clip)
    assert [one.searched for one in runs[BASE]] == [True] * 3
    assert [one.searched for one in runs[CLOSER]] == [True, False, False]


def test_costs_are_relative_to_the_first_row(clip: Clip) -> None:
    times = {BASE: 4.0, FULL_SIZE: 10.0}
    runs = {row: [run_of(pose_at(100), wall=wall)] * 3 for row, wall in times.items()}
    figures = compute_video_figures(clip, runs)
    assert [(one.cpu, one.wall) for one in figures.rows] == [(1.0, 1.0), (2.5, 2.5)]


def test_the_tables_of_the_videos_show_every_row(clip: Clip) -> None:
    runs = {row: [run_of(pose_at(100))] * 3 for row in VIDEO_ROWS}
    with_keypoints = Clip(Video('squats', 's.mp4'), clip.images, 30.0, np.zeros((3, 17, 2)))
    tables = render_video_tables(
        [compute_video_figures(one, runs) for one in (with_keypoints, clip)]
    )
    for row in VIDEO_ROWS:
        assert f'| squats, 3 images at 30 Hz | {row.title} | 1.00 | 1.00 | 0.00 | 1.00 |' in tables
        assert tables.count(f'| {row.title} |') == 4
    assert '| row | squats |' in tables
    assert '| grey: row |' in tables


def test_the_tables_of_the_videos_are_written_between_their_own_marks(tmp_path: Path) -> None:
    page = tmp_path / 'accuracy.md'
    page.write_text((ROOT / 'docs' / 'accuracy.md').read_text())
    write_tables('on pictures\n', page)
    write_tables('on videos\n', page, begin_mark=VIDEOS_BEGIN)
    text = page.read_text()
    assert '<!-- written by make accuracy -->\non pictures\n<!-- end -->' in text
    assert f'{VIDEOS_BEGIN}on videos\n<!-- end -->' in text


def test_without_coco_only_the_videos_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('sys.argv', ['accuracy', '--videos', str(tmp_path)])
    with pytest.raises(SystemExit, match='pose_1'):
        accuracy.main()
