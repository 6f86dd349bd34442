"""Where cameras are over the ground: with a made tf2, and with the real one where it is."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

from made_depth import header_at
import numpy as np
import pytest
from ros_graph import Graph

from posenet_ros.errors import CalibrationError, SettingError
from posenet_ros.ros.pipeline.spatial import ground_frame
from posenet_ros.ros.pipeline.spatial.ground_frame import GroundFrame

#: From the optical frame to a frame with x forward and z up.
TURN = {'x': -0.5, 'y': 0.5, 'z': -0.5, 'w': 0.5}


class TransformException(Exception):  # noqa: N818  (the name that tf2 has)
    """The base class of tf2's exceptions."""


class Buffer:
    """A buffer that knows one transform."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self.cleared = 0

    def lookup_transform_core(self, target: str, source: str, time: Any) -> Any:
        self.asked.append((target, source, time.nanoseconds))
        if source != 'lens':
            raise TransformException(f'"{source}" passed to lookupTransform does not exist.')
        return SimpleNamespace(
            transform=SimpleNamespace(
                rotation=SimpleNamespace(**TURN), translation=SimpleNamespace(x=1.0, y=2.0, z=1.5)
            )
        )

    def clear(self) -> None:
        self.cleared += 1


@pytest.fixture
def buffer(monkeypatch: pytest.MonkeyPatch) -> Buffer:
    """Return the buffer of a made tf2."""
    made = Buffer()
    listener = SimpleNamespace(unregister=lambda: None)
    tf2 = SimpleNamespace(
        Buffer=lambda: made,
        TransformListener=lambda *_: listener,
        TransformException=TransformException,
    )
    monkeypatch.setattr(ground_frame, 'tf2_ros', tf2)
    return made


def test_without_tf2_the_reason_and_the_remedy_are_given(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground_frame, 'tf2_ros', None)
    with pytest.raises(SettingError, match=r"ground_frame is 'map', but .* install ros-"):
        GroundFrame(graph.node, 'map')


def test_the_pose_is_that_at_the_time_of_the_image(graph: Graph, buffer: Buffer) -> None:
    pose = GroundFrame(graph.node, 'map').camera_pose(header_at(7.5))
    assert buffer.asked == [('map', 'lens', 7_500_000_000)]
    np.testing.assert_allclose(pose.translation, [1, 2, 1.5])
    np.testing.assert_allclose(pose.rotation @ [0, 0, 1], [1, 0, 0], atol=1e-12)


def test_a_missing_transform_names_both_frames(graph: Graph, buffer: Buffer) -> None:
    with pytest.raises(CalibrationError, match=r"from 'other' to ground_frame 'map' .*exist"):
        GroundFrame(graph.node, 'map').camera_pose(header_at(1.0, frame='other'))


def test_transforms_are_forgotten_when_the_stamps_of_a_camera_jump_back(
    graph: Graph, buffer: Buffer
) -> None:
    ground = GroundFrame(graph.node, 'map')
    for stamp in (60.0, 59.9, 61.0):
        ground.camera_pose(header_at(stamp))
    assert buffer.cleared == 0
    ground.camera_pose(header_at(1.0))
    ground.camera_pose(header_at(1.1))
    assert buffer.cleared == 1


def test_a_negative_stamp_is_no_error(graph: Graph, buffer: Buffer) -> None:
    GroundFrame(graph.node, 'map').camera_pose(header_at(-5.0))
    assert buffer.asked[0][2] == 0


def test_a_static_transform_of_the_real_tf2_is_found(graph: Graph) -> None:
    tf2 = pytest.importorskip('tf2_ros', reason='tf2_ros is not installed; there is no wheel')
    from geometry_msgs.msg import Quaternion, TransformStamped, Vector3

    sent = TransformStamped(header=header_at(1.0, frame='map'), child_frame_id='lens')
    sent.transform.rotation = Quaternion(**TURN)
    sent.transform.translation = Vector3(x=1.0, y=2.0, z=1.5)
    ground = GroundFrame(graph.node, 'map')
    tf2.StaticTransformBroadcaster(graph.node).sendTransform(sent)
    poses: list[Any] = []

    def look_up() -> None:
        with suppress(CalibrationError):  # not received yet
            poses.append(ground.camera_pose(header_at(7.5)))

    graph.wait_until(lambda: poses, 'the transform', look_up)
    np.testing.assert_allclose(poses[0].translation, [1, 2, 1.5])
    ground.close()
