"""People who are located by where they stand, and when they are not."""

from depth_scenes import CAMERA
from made_cameras import camera_in
from made_depth import header_at, raw_depth
import numpy as np
import pytest
from rendered_people import HEIGHT, MATRIX, WIDTH
from ros_graph import Graph
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.errors import CalibrationError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.msg import Pose3D, Pose3DArray
from posenet_ros.poses import Pose
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, UnlocatedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer
from posenet_ros.ros.pipeline.spatial.positions_stage import PositionsStage
from posenet_ros.settings import PoseSettings
from posenet_ros.spatial.ground import camera_pose, CameraPose
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)
INFO = CameraInfo(width=WIDTH, height=HEIGHT, k=MATRIX.ravel().tolist())
ANKLES = [PART_NAMES.index(f'{side}_ankle') for side in ('left', 'right')]
# 1.2 m above the ground, level, looking along x.
WHERE = camera_pose((-0.5, 0.5, -0.5, 0.5), (0.0, 0.0, 1.2))


class Poses:
    """The pose of the camera over the ground, if there is one."""

    where: CameraPose | None = WHERE

    def camera_pose(self, header: Header) -> CameraPose:
        if self.where is None:
            raise CalibrationError('there is no transform')
        return self.where


class Standing:
    """The positions stage of a camera with ground and perhaps depth, and what it publishes."""

    def __init__(self, graph: Graph, *, depth: str = '') -> None:
        self.graph, self.poses = graph, Poses()
        self.camera = camera_in(graph, 'front', depth=depth, ground=True)
        self.received = graph.collect(Pose3DArray, '/front/poses_3d')
        graph.wait_until(lambda: self.camera.outputs.has_subscribers, 'the subscriber')
        self._stage = PositionsStage(
            lambda *_: None, ImageErrors(graph.node), max_wait=0.0, ground=self.poses
        )

    def publish(self, pose: Pose, buffer: DepthBuffer | None = None) -> Pose3D:
        """Publish the position of one person, and return it."""
        expected = buffer.expect(10**9) if buffer else None
        image = ConvertedImage(
            header_at(1.0), np.zeros((HEIGHT, WIDTH, 3), np.uint8), INFO, SETTINGS, 0.0, expected
        )
        before = len(self.received)
        self._stage.process(self.camera, UnlocatedImage(image, [pose], 0.0, None))
        self.graph.wait_until(lambda: len(self.received) > before, 'poses_3d')
        (person,) = self.received[-1].poses
        return person


@pytest.fixture
def standing(graph: Graph) -> Standing:
    return Standing(graph)


def person(distance: float) -> Pose:
    """Return a person whose ankles are 0.066 m above the ground at a distance in metres."""
    feet = np.array([[-0.1, 1.2 - 0.066, distance], [0.1, 1.2 - 0.066, distance]])
    keypoints = np.full((17, 2), 200.0)
    keypoints[ANKLES] = CAMERA.to_pixels(feet)
    return Pose(0.9, keypoints, np.full(17, 0.9, np.float32), 1)


def test_without_depth_the_body_is_where_the_person_stands(standing: Standing) -> None:
    found = standing.publish(person(3.0))
    assert found.body_kind == Pose3D.BODY_ON_GROUND
    assert [found.body.x, found.body.y, found.body.z] == pytest.approx([0, 1.2, 3.0], abs=0.01)
    assert np.isnan([keypoint.position.z for keypoint in found.keypoints]).all()
    assert standing.camera.snapshot(0.0).ground_fault == ''


def test_above_the_horizon_nobody_is_located_and_the_reason_is_kept(standing: Standing) -> None:
    somebody = person(3.0)
    somebody.keypoints[ANKLES, 1] = 100.0
    found = standing.publish(somebody)
    assert found.body_kind == Pose3D.BODY_UNKNOWN
    assert 'above the horizon' in standing.camera.snapshot(0.0).ground_fault


def test_without_a_transform_nobody_is_located_and_the_reason_is_logged_once(
    standing: Standing, capfd: pytest.CaptureFixture[str]
) -> None:
    standing.poses.where = None
    for _ in range(2):
        assert standing.publish(person(3.0)).body_kind == Pose3D.BODY_UNKNOWN
    (line,) = capfd.readouterr().err.splitlines()
    assert 'nobody is located on the ground: there is no transform' in line
    assert standing.camera.snapshot(0.0).ground_fault == 'there is no transform'


def test_with_depth_the_ground_is_used_only_for_those_without_depth(graph: Graph) -> None:
    standing = Standing(graph, depth='depth')
    buffer = DepthBuffer(0.01)
    assert standing.publish(person(3.0), buffer).body_kind == Pose3D.BODY_ON_GROUND
    buffer.add(10**9, raw_depth(np.full((HEIGHT, WIDTH), 2500, np.uint16)))
    found = standing.publish(person(3.0), buffer)
    assert found.body_kind == Pose3D.BODY_TRUNK
    assert found.body.z == pytest.approx(2.5, abs=0.2)
