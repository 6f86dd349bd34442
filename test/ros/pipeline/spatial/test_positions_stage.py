"""Positions of the people in images of one camera, from made scenes with known joints."""

from dataclasses import replace
from typing import Any

from depth_scenes import CAMERA, Scene
from geometry_msgs.msg import TransformStamped
from made_depth import header_at, raw_depth
import numpy as np
from positions_stages import points_of, Positions, SETTINGS, SIZE
import pytest
from rclpy.subscription import Subscription
from rendered_people import WIDTH
from ros_graph import Graph

from posenet_ros.msg import Pose3DArray
from posenet_ros.ros.conversions import person_transforms
from posenet_ros.ros.conversions.pose_3d_arrays import Pose3DArrays
from posenet_ros.ros.pipeline.spatial import depth_positions, positions_stage
from posenet_ros.ros.pipeline.spatial.depth_statistics import DepthCounts
from posenet_ros.ros.topics.qos import POSES_QOS, TF_QOS
from posenet_ros.spatial.depth_image import depth_image
from posenet_ros.spatial.positions import locate
from posenet_ros.tracking.tracking_settings import TrackingSettings


def test_positions_are_those_of_the_people_in_the_image(
    positions: Positions, scene: Scene
) -> None:
    message = positions.publish(scene, raw_depth(scene.depth))
    expected = locate(scene.poses, depth_image(scene.depth, SIZE), CAMERA)
    np.testing.assert_allclose(points_of(message), [pose.positions for pose in expected])
    assert np.isfinite(points_of(message)).mean() > 0.5
    assert (message.header, message.image_width) == (header_at(1.0), WIDTH)
    assert positions.counts == DepthCounts(paired=1)


def test_without_a_depth_image_everybody_is_published_with_unknown_positions(
    positions: Positions, scene: Scene
) -> None:
    message = positions.publish(scene, None)
    assert [one.track_id for one in message.poses] == [one.track_id for one in scene.poses]
    assert np.isnan(points_of(message)).all()
    assert positions.counts.missed == {'no depth image': 1}


def test_an_unexpected_error_leaves_the_positions_unknown_and_is_logged(
    positions: Positions,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError('unexpected')

    monkeypatch.setattr(depth_positions, 'locate', fail)
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


def test_nobody_is_located_while_nobody_subscribes(
    graph: Graph, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    located: list[float] = []

    def count(*arguments: Any) -> Any:
        located.append(0.0)
        return locate(*arguments)

    monkeypatch.setattr(depth_positions, 'locate', count)
    positions = Positions(graph)
    positions.process(scene, raw_depth(scene.depth), viewed=True)
    assert (located, positions.counts) == ([], DepthCounts())
    assert len(positions.viewed) == 1
    positions.subscribe()
    positions.publish(scene, raw_depth(scene.depth), stamp=2.0)
    assert len(located) == 1


def test_time_without_subscribers_does_not_count_as_time_without_depth(
    graph: Graph, scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    positions = Positions(graph, clock=lambda: now)
    outputs = positions.camera.outputs

    def subscribe() -> Subscription:
        made = graph.node.create_subscription(
            Pose3DArray, '/front/poses_3d', lambda _: None, POSES_QOS
        )
        graph.wait_until(lambda: outputs.poses_3d_have_subscribers, 'the subscriber')
        return made

    subscription = subscribe()
    positions.process(scene, None)
    graph.node.destroy_subscription(subscription)
    graph.wait_until(lambda: not outputs.poses_3d_have_subscribers, 'nobody')
    positions.process(scene, None)
    subscribe()
    now = 200.0
    positions.process(scene, None)
    now = 204.0
    positions.process(scene, None)
    assert capfd.readouterr().err == ''
    now = 205.0
    positions.process(scene, None)
    assert 'no positions in metres for 5 s: /front/depth' in capfd.readouterr().err


@pytest.mark.parametrize('broken', ['poses_3d', 'frames'])
def test_an_error_in_one_output_does_not_stop_the_other(
    graph: Graph,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    broken: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError('unexpected')

    # Stands in for TFMessage, as there is no wheel of tf2_msgs.
    monkeypatch.setattr(person_transforms, 'TF_TYPE', TransformStamped)
    monkeypatch.setattr(positions_stage, 'to_transforms', lambda *_: TransformStamped())
    positions = Positions(graph, person_frames=True)
    received = {
        'poses_3d': graph.collect(Pose3DArray, '/front/poses_3d'),
        'frames': graph.collect(TransformStamped, '/tf', TF_QOS),
    }
    outputs = positions.camera.outputs
    graph.wait_until(
        lambda: outputs.poses_3d_have_subscribers and outputs.transforms_have_subscribers,
        'both subscribers',
    )
    if broken == 'frames':
        monkeypatch.setattr(positions_stage, 'to_transforms', fail)
    else:
        monkeypatch.setattr(Pose3DArrays, 'convert', fail)
    positions.process(scene, raw_depth(scene.depth))
    (other,) = received.keys() - {broken}
    graph.wait_until(lambda: received[other], other)
    assert received[broken] == []
    assert 'ZeroDivisionError' in capfd.readouterr().err
    outputs.close()


def test_people_with_ids_get_frames_where_they_are(graph: Graph, scene: Scene) -> None:
    tf2 = pytest.importorskip('tf2_msgs.msg', reason='tf2_msgs is not installed; no wheel has it')
    positions = Positions(graph, person_frames=True)
    received = graph.collect(tf2.TFMessage, '/tf', TF_QOS)
    outputs = positions.camera.outputs
    # Nobody subscribes to anything else.
    graph.wait_until(lambda: outputs.has_subscribers, 'the subscriber of /tf')
    poses = [replace(pose, track_id=number) for number, pose in enumerate(scene.poses)]
    positions.process(replace(scene, poses=poses), raw_depth(scene.depth))
    graph.wait_until(lambda: received, 'the frames')
    (one,) = received[0].transforms  # the first person has no id
    assert (one.header, one.child_frame_id) == (header_at(1.0), 'person_1')
    shift = one.transform.translation
    _, expected = locate(poses, depth_image(scene.depth, SIZE), CAMERA)
    assert (shift.x, shift.y, shift.z) == tuple(expected.body)
    outputs.close()
