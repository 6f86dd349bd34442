"""Positions of the people in images of one camera, from made scenes with known joints."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from depth_scenes import CAMERA, make_scene, Scene
from made_cameras import camera_in
from made_depth import header_at, raw_depth
import numpy as np
import pytest
from rendered_people import HEIGHT, MATRIX, WIDTH
from ros_graph import Graph
from sensor_msgs.msg import CameraInfo, Image

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.msg import Pose3DArray
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, PublishedImage, UnlocatedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.spatial import positions_stage
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer
from posenet_ros.ros.pipeline.spatial.depth_statistics import DepthCounts
from posenet_ros.ros.pipeline.spatial.positions_stage import PositionsStage
from posenet_ros.settings import PoseSettings
from posenet_ros.spatial.depth_image import depth_image
from posenet_ros.spatial.positions import locate
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(smoothing=False),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)
SIZE = (HEIGHT, WIDTH)
INFO = CameraInfo(width=WIDTH, height=HEIGHT, k=MATRIX.ravel().tolist())
PIXELS = np.zeros((*SIZE, 3), np.uint8)


class Positions:
    """The positions stage of one camera, and what it publishes."""

    def __init__(self, graph: Graph) -> None:
        self.camera: Camera = camera_in(graph, 'front', depth='depth')
        self.viewed: list[PublishedImage] = []
        self._graph = graph
        self._stage = PositionsStage(
            lambda _, image: self.viewed.append(image), ImageErrors(graph.node), max_wait=0.0
        )
        self._received = graph.collect(Pose3DArray, '/front/poses_3d')
        graph.wait_until(lambda: self.camera.outputs.has_subscribers, 'the subscriber')

    def publish(
        self,
        scene: Scene,
        depth: Image | None,
        *,
        info: CameraInfo | None = INFO,
        settings: ImageSettings = SETTINGS,
        stamp: float = 1.0,
        viewed: bool = False,
    ) -> Any:
        """Publish the positions in an image with a depth image, and return the message."""
        buffer = DepthBuffer(0.01)
        if depth is not None:
            buffer.add(round(stamp * 1e9), depth)
        image = ConvertedImage(
            header_at(stamp), PIXELS, info, settings, 0.0, buffer.expect(round(stamp * 1e9))
        )
        shown = PublishedImage(image, scene.poses) if viewed else None
        before = len(self._received)
        self._stage.process(self.camera, UnlocatedImage(image, scene.poses, 0.0, shown))
        self._graph.wait_until(lambda: len(self._received) > before, 'poses_3d')
        return self._received[-1]

    @property
    def counts(self) -> DepthCounts:
        counts = self.camera.snapshot(0.0).depth
        assert counts is not None
        return counts


@pytest.fixture
def positions(graph: Graph) -> Positions:
    return Positions(graph)


@pytest.fixture(scope='module')
def scene() -> Scene:
    return make_scene('two people overlap', 2.0, 7)


def points_of(message: Any) -> Any:
    """Return the positions in a message, float64 [people, 17, 3]."""
    points = [[keypoint.position for keypoint in pose.keypoints] for pose in message.poses]
    return np.array([[(one.x, one.y, one.z) for one in person] for person in points])


def test_positions_are_those_of_the_people_in_the_image(
    positions: Positions, scene: Scene
) -> None:
    message = positions.publish(scene, raw_depth(scene.depth))
    expected = locate(scene.poses, depth_image(scene.depth, SIZE), CAMERA)
    np.testing.assert_allclose(points_of(message), [pose.positions for pose in expected])
    assert np.isfinite(points_of(message)).mean() > 0.5
    assert (message.header, message.image_width) == (header_at(1.0), WIDTH)
    assert positions.counts == DepthCounts(paired=1)


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


def test_without_a_depth_image_everybody_is_published_with_unknown_positions(
    positions: Positions, scene: Scene
) -> None:
    message = positions.publish(scene, None)
    assert [one.track_id for one in message.poses] == [one.track_id for one in scene.poses]
    assert np.isnan(points_of(message)).all()
    assert positions.counts.missed == {'no depth image': 1}


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


def test_an_unexpected_error_leaves_the_positions_unknown_and_is_logged(
    positions: Positions,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError('unexpected')

    monkeypatch.setattr(positions_stage, 'locate', fail)
    message = positions.publish(scene, raw_depth(scene.depth), viewed=True)
    assert np.isnan(points_of(message)).all()
    assert positions.counts.missed == {'error': 1}
    assert 'ZeroDivisionError' in capfd.readouterr().err
    assert len(positions.viewed) == 1


def test_a_viewed_image_is_passed_on_with_its_positions(
    positions: Positions, scene: Scene
) -> None:
    positions.publish(scene, raw_depth(scene.depth))
    assert positions.viewed == []
    message = positions.publish(scene, raw_depth(scene.depth), stamp=2.0, viewed=True)
    (image,) = positions.viewed
    shown = np.stack([pose.positions for pose in image.positions])
    np.testing.assert_array_equal(shown, points_of(message))


@pytest.mark.parametrize('smoothing', [True, False])
def test_positions_are_smoothed_if_smoothing_is_on(
    positions: Positions, scene: Scene, smoothing: bool
) -> None:
    alone = replace(scene, poses=scene.poses[:1])
    settings = replace(SETTINGS, tracking=TrackingSettings(smoothing=smoothing))
    positions.publish(alone, raw_depth(scene.depth), settings=settings)
    farther = raw_depth((scene.depth + 30).astype(np.uint16))
    message = positions.publish(alone, farther, settings=settings, stamp=1.033)
    (first,) = locate(alone.poses, depth_image(scene.depth, SIZE), CAMERA)
    step = np.nanmedian(points_of(message)[0, :, 2] - first.positions[:, 2])
    assert step < 0.02 if smoothing else step == pytest.approx(0.03, abs=0.005)
