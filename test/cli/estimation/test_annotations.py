from collections.abc import Sequence
import os
from pathlib import Path

from made_videos import brightness, Image, plain_frames, read_frames
import pytest

from posenet_ros.cli.estimation.annotations import AnnotatedFiles, AnnotatedVideo
from posenet_ros.poses import Pose


def darken(image: Image, poses: Sequence[Pose]) -> Image:
    assert not poses
    return image // 2


def add_frame_and_fail(video: AnnotatedVideo) -> None:
    video.add(plain_frames(1)[0], [], 0.0)
    raise RuntimeError


def test_the_name_of_an_annotated_image_avoids_every_name_before_it() -> None:
    annotated = AnnotatedFiles(Path('out'))
    images = ['a.png', 'a_poses_2.png', 'b/a.jpg', 'c/a.png']
    names = [annotated.path_for(image, '.png').name for image in images]
    assert names == ['a_poses.png', 'a_poses_2_poses.png', 'a_poses_2.png', 'a_poses_3.png']


@pytest.mark.parametrize(
    ('source', 'name'),
    [
        ('videos/walk.avi', 'walk_poses.mp4'),
        ('frames/%04d.png', '_04d_poses.mp4'),
        ('webcam 0', 'webcam_0_poses.mp4'),
    ],
)
def test_the_name_of_an_annotated_video_follows_that_of_its_source(source: str, name: str) -> None:
    assert AnnotatedFiles(Path('out')).path_for(source, '.mp4') == Path('out') / name


def test_an_annotated_video_has_what_is_drawn(tmp_path: Path) -> None:
    images = plain_frames(3)
    with AnnotatedVideo(tmp_path / 'v.mp4', rate=30, draw=darken) as video:
        for number, image in enumerate(images):
            video.add(image, [], number / 30)
    frames = read_frames(tmp_path / 'v.mp4')
    for (_, frame), image in zip(frames, images, strict=True):
        assert brightness(frame) == pytest.approx(brightness(image) / 2, abs=4)


def test_an_error_between_frames_leaves_the_video_up_to_there(tmp_path: Path) -> None:
    video = AnnotatedVideo(tmp_path / 'v.mp4', rate=30, draw=darken)
    with pytest.raises(RuntimeError), video:
        add_frame_and_fail(video)
    assert len(read_frames(tmp_path / 'v.mp4')) == 1


def test_an_error_of_the_drawing_is_raised_and_leaves_no_video(tmp_path: Path) -> None:
    def fail(image: Image, poses: Sequence[Pose]) -> Image:
        raise ValueError('cannot draw')

    video = AnnotatedVideo(tmp_path / 'v.mp4', rate=30, draw=fail)
    with pytest.raises(ValueError, match='cannot draw'), video:
        video.add(plain_frames(1)[0], [], 0.0)
    assert os.listdir(tmp_path) == []
