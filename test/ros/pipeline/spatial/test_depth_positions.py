"""What is wrong with the depth of an image, and what is logged about it."""

from collections.abc import Callable
from typing import Any

from depth_scenes import Scene
from made_depth import raw_depth
import numpy as np
from positions_stages import INFO, points_of, Positions, Warnings
import pytest
from rendered_people import HEIGHT, WIDTH
from sensor_msgs.msg import CameraInfo, Image

from posenet_ros.ros.pipeline.spatial.depth_buffer import Miss
from posenet_ros.ros.pipeline.spatial.depth_positions import DepthPositions


def test_a_depth_topic_that_is_dead_for_long_is_logged_once_with_its_name(
    positions: Positions, scene: Scene
) -> None:
    warnings = Warnings(refused=1)
    now = 0.0
    depth = DepthPositions(warnings.warn, max_wait=0.0, clock=lambda: now)
    details = []
    for second in range(10):
        now = 100.0 + second
        miss = depth.locate(positions.camera, positions.unlocated(scene, None, stamp=now))
        assert isinstance(miss, Miss)
        details.append(miss.detail)
    assert {detail[:13] for detail in details} == {'/front/depth:'}
    first, second_line = warnings.given
    assert first.startswith('no positions in metres for 5 s: /front/depth: no depth image')
    assert second_line.startswith('no positions in metres for 6 s')


def test_images_that_miss_depth_now_and_then_are_not_logged(
    positions: Positions, scene: Scene
) -> None:
    warnings = Warnings()
    now = 0.0
    depth = DepthPositions(warnings.warn, max_wait=0.0, clock=lambda: now)
    for second in range(20):
        now = 100.0 + second
        message = raw_depth(scene.depth) if second % 3 == 0 else None
        depth.locate(positions.camera, positions.unlocated(scene, message, stamp=now))
    assert warnings.given == []


def test_time_in_which_nobody_needed_depth_does_not_count_as_without_depth(
    positions: Positions, scene: Scene
) -> None:
    warnings = Warnings()
    now = 0.0
    depth = DepthPositions(warnings.warn, max_wait=0.0, clock=lambda: now)
    for now, counts in ((100.0, 0), (200.0, 0), (204.0, 0), (205.0, 1)):
        if now == 200.0:
            depth.reset_missing()
        depth.locate(positions.camera, positions.unlocated(scene, None, stamp=now))
        assert len(warnings.given) == counts


Change = Callable[[Image], None]


def set_encoding(depth: Image) -> None:
    depth.encoding = 'mono16'


def cut(depth: Image) -> None:
    depth.height //= 2


@pytest.mark.parametrize(
    ('info', 'change', 'reason', 'detail'),
    [
        (None, None, 'camera not calibrated', '/front/camera_info'),
        (CameraInfo(), None, 'camera not calibrated', '/front/camera_info'),
        (CameraInfo(width=99, height=9, k=INFO.k), None, 'camera not calibrated', '640 x 480'),
        (INFO, set_encoding, 'depth image refused', 'mono16'),
        (INFO, cut, 'depth image refused', 'aspect'),
    ],
)
def test_a_fault_that_stays_gives_unknown_positions_and_is_counted_and_logged_once(
    positions: Positions,
    scene: Scene,
    capfd: pytest.CaptureFixture[str],
    info: CameraInfo | None,
    change: Change | None,
    reason: str,
    detail: str,
) -> None:
    depth = raw_depth(scene.depth)
    if change:
        change(depth)
    for stamp in (1.0, 2.0):
        message = positions.publish(scene, depth, info=info, stamp=stamp)
        assert len(message.poses) == len(scene.poses)
        assert np.isnan(points_of(message)).all()
    assert positions.counts.missed == {reason: 2}
    (line,) = capfd.readouterr().err.splitlines()
    assert detail in line


def test_depth_of_another_resolution_in_the_same_aspect_is_scaled(
    positions: Positions, scene: Scene
) -> None:
    message = positions.publish(scene, raw_depth(scene.depth[::2, ::2]))
    expected = positions.publish(scene, raw_depth(scene.depth), stamp=2.0)
    errors = np.linalg.norm(points_of(message) - points_of(expected), axis=2)
    assert np.nanmedian(errors) < 0.05


@pytest.mark.parametrize(
    ('frame', 'distortion', 'warning'),
    [
        ('infrared', {}, "frame_id of the depth images is 'infrared', but that of the images is"),
        ('lens', {'distortion_model': 'own', 'd': [0.1]}, "distortion model 'own' is not one of"),
    ],
)
def test_what_may_make_positions_wrong_is_logged_once(
    positions: Positions,
    scene: Scene,
    capfd: pytest.CaptureFixture[str],
    frame: str,
    distortion: dict[str, Any],
    warning: str,
) -> None:
    depth = raw_depth(scene.depth)
    depth.header.frame_id = frame
    info = CameraInfo(width=WIDTH, height=HEIGHT, k=INFO.k, **distortion)
    for stamp in (1.0, 2.0):
        positions.publish(scene, depth, info=info, stamp=stamp)
    assert positions.counts.paired == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert warning in line
