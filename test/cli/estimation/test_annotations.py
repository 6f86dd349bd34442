from collections.abc import Sequence
import os
from pathlib import Path

from interruptions import MainThreadInterruption
from made_videos import brightness, Image, plain_frames, read_frames
import pytest

from posenet_ros.cli.estimation import annotations
from posenet_ros.cli.estimation.annotations import AnnotatedFiles, AnnotatedVideo
from posenet_ros.poses import Pose
from posenet_ros.videos import VideoWriter


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


def test_a_signal_while_the_video_is_finished_does_not_lose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(VideoWriter):
        def close(self) -> None:
            interruption.send()
            super().close()

    monkeypatch.setattr(annotations, 'VideoWriter', Interrupted)
    with MainThreadInterruption() as interruption:
        video = AnnotatedVideo(tmp_path / 'v.mp4', rate=30, draw=darken)
        with pytest.raises(KeyboardInterrupt), video:
            video.add(plain_frames(1)[0], [], 0.0)
    assert video.is_finished
    assert len(read_frames(tmp_path / 'v.mp4')) == 1


def test_after_another_error_that_of_the_video_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(image: Image, poses: Sequence[Pose]) -> Image:
        raise ValueError('cannot draw')

    video = AnnotatedVideo(tmp_path / 'v.mp4', rate=30, draw=fail)
    with pytest.raises(RuntimeError), video:
        add_frame_and_fail(video)
    assert not video.is_finished
    message = f'posenet: cannot write {tmp_path / "v.mp4"}: ValueError: cannot draw\n'
    assert capsys.readouterr().err == message
    assert os.listdir(tmp_path) == []


def test_without_a_frame_there_is_no_video(tmp_path: Path) -> None:
    with AnnotatedVideo(tmp_path / 'v.mp4', rate=30, draw=darken) as video:
        pass
    assert not video.is_finished
    assert os.listdir(tmp_path) == []


def test_an_error_of_the_drawing_is_raised_and_leaves_no_video(tmp_path: Path) -> None:
    def fail(image: Image, poses: Sequence[Pose]) -> Image:
        raise ValueError('cannot draw')

    video = AnnotatedVideo(tmp_path / 'v.mp4', rate=30, draw=fail)
    with pytest.raises(ValueError, match='cannot draw'), video:
        video.add(plain_frames(1)[0], [], 0.0)
    assert os.listdir(tmp_path) == []
