"""Where cameras are over the ground: with a made tf2, and with the real one where it is."""

from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, ClassVar

from geometry_msgs.msg import Quaternion, TransformStamped, Vector3
from made_depth import header_at
import numpy as np
import pytest
from ros_graph import Graph

from posenet_ros.errors import CalibrationError, SettingError
from posenet_ros.ros.pipeline.spatial import ground_frame
from posenet_ros.ros.pipeline.spatial.ground_frame import GroundFrame
from posenet_ros.spatial.ground import CameraPose

#: From the optical frame to a frame with x forward and z up.
TURN = {'x': -0.5, 'y': 0.5, 'z': -0.5, 'w': 0.5}


class TransformException(Exception):  # noqa: N818  (the name that tf2 has)
    """The base class of tf2's exceptions."""


class Buffer:
    """A buffer that knows one transform."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self.cleared = 0
        #: The frames of the transforms that were added.
        self.added: list[str] = []
        #: Stamp of the newest transform in seconds; None if there are those of all times.
        self.newest: float | None = None

    def lookup_transform_core(self, target: str, source: str, time: Any) -> Any:
        self.asked.append((target, source, time.nanoseconds))
        if source != 'lens':
            raise TransformException(f'"{source}" passed to lookupTransform does not exist.')
        if self.newest is not None and time.nanoseconds:
            raise TransformException('Lookup would require extrapolation into the past.')
        return SimpleNamespace(
            header=header_at(self.newest or 0.0),
            transform=SimpleNamespace(
                rotation=SimpleNamespace(**TURN), translation=SimpleNamespace(x=1.0, y=2.0, z=1.5)
            ),
        )

    def set_transform(self, transform: TransformStamped, authority: str) -> None:
        self.added.append(transform.child_frame_id)

    def set_transform_static(self, transform: TransformStamped, authority: str) -> None:
        self.added.append(transform.child_frame_id)

    def clear(self) -> None:
        self.cleared += 1


class Listener:
    """A listener that adds one transform of each of some frames to its buffer."""

    frames: ClassVar[list[str]] = []

    def __init__(self, buffer: Any, _: Any) -> None:
        for frame in self.frames:
            buffer.set_transform(TransformStamped(child_frame_id=frame), 'default_authority')
        buffer.set_transform_static(TransformStamped(child_frame_id='fixed'), 'default_authority')

    def unregister(self) -> None:
        pass


@pytest.fixture
def buffer(monkeypatch: pytest.MonkeyPatch) -> Buffer:
    """Return the buffer of a made tf2."""
    made = Buffer()
    tf2 = SimpleNamespace(
        Buffer=lambda: made,
        TransformListener=Listener,
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


def test_transforms_from_before_a_jump_back_that_arrive_after_it_are_forgotten_too(
    graph: Graph, buffer: Buffer
) -> None:
    ground = GroundFrame(graph.node, 'map')
    ground.camera_pose(header_at(60.0))
    buffer.newest = 60.0
    for stamp, cleared in ((1.0, 2), (1.1, 3), (50.5, 3)):
        with pytest.raises(CalibrationError, match='extrapolation'):
            ground.camera_pose(header_at(stamp))
        assert buffer.cleared == cleared


def test_an_image_without_a_stamp_is_no_jump_back(graph: Graph, buffer: Buffer) -> None:
    ground = GroundFrame(graph.node, 'map')
    for stamp in (60.0, 0.0, 60.1):
        ground.camera_pose(header_at(stamp))
    assert buffer.cleared == 0


def test_the_frames_of_people_of_the_same_node_are_not_kept(
    graph: Graph, buffer: Buffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = ['left_person_1', 'lens', 'left_person_', 'left_person_22', 'right_person_1', 'odom']
    monkeypatch.setattr(Listener, 'frames', frames)
    GroundFrame(graph.node, 'map', person_frame_prefixes=['left_person_', 'b_person_'])
    assert buffer.added == ['lens', 'left_person_', 'right_person_1', 'odom', 'fixed']


def test_transforms_of_another_clock_are_not_forgotten(graph: Graph, buffer: Buffer) -> None:
    buffer.newest = 1e6
    with pytest.raises(CalibrationError, match='extrapolation'):
        GroundFrame(graph.node, 'map').camera_pose(header_at(1.0))
    assert buffer.cleared == 0


def test_a_negative_stamp_is_no_error(graph: Graph, buffer: Buffer) -> None:
    GroundFrame(graph.node, 'map').camera_pose(header_at(-5.0))
    assert buffer.asked[0][2] == 0


@pytest.fixture
def tf2() -> Any:
    """Return the real tf2."""
    return pytest.importorskip('tf2_ros', reason='tf2_ros is not installed; there is no wheel')


def transform(stamp: float, *, height: float) -> TransformStamped:
    """Return where the camera is above the ground."""
    sent = TransformStamped(header=header_at(stamp, frame='map'), child_frame_id='lens')
    sent.transform.rotation = Quaternion(**TURN)
    sent.transform.translation = Vector3(x=1.0, y=2.0, z=height)
    return sent


def wait_for_pose(
    graph: Graph, ground: GroundFrame, stamp: float, publish: Callable[[], object]
) -> CameraPose:
    """Publish transforms until the pose of the camera at a stamp is known, and return it."""
    poses: list[CameraPose] = []

    def look_up() -> None:
        publish()
        with suppress(CalibrationError):  # not received yet
            poses.append(ground.camera_pose(header_at(stamp)))

    graph.wait_until(lambda: poses, 'the transform', look_up)
    return poses[0]


def test_a_static_transform_of_the_real_tf2_is_found(graph: Graph, tf2: Any) -> None:
    ground = GroundFrame(graph.node, 'map')
    tf2.StaticTransformBroadcaster(graph.node).sendTransform(transform(1.0, height=1.5))
    pose = wait_for_pose(graph, ground, 7.5, lambda: None)
    np.testing.assert_allclose(pose.translation, [1, 2, 1.5])
    ground.close()


def test_the_real_tf2_interpolates_and_starts_again_with_a_recording(
    graph: Graph, tf2: Any
) -> None:
    ground = GroundFrame(graph.node, 'map')
    broadcaster = tf2.TransformBroadcaster(graph.node)

    def publish(stamp: float, height: float) -> None:
        broadcaster.sendTransform(transform(stamp, height=height))
        broadcaster.sendTransform(transform(stamp + 1, height=height + 1))

    pose = wait_for_pose(graph, ground, 60.5, lambda: publish(60.0, 1.0))
    assert pose.translation[2] == pytest.approx(1.5)
    pose = wait_for_pose(graph, ground, 5.25, lambda: publish(5.0, 3.0))
    assert pose.translation[2] == pytest.approx(3.25)
    with pytest.raises(CalibrationError, match='extrapolation into the future'):
        ground.camera_pose(header_at(6.5))
    ground.close()
