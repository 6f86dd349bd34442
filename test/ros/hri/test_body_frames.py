"""The frames of bodies, over real DDS, without tf2_msgs."""

from typing import Any

from geometry_msgs.msg import TransformStamped
from made_bodies import MadeBodies, positions
from made_depth import header_at
import pytest
from ros_graph import Graph
from std_msgs.msg import Header

from posenet_ros.msg import Pose3DArray
from posenet_ros.ros.hri import body_frames
from posenet_ros.ros.hri.body_frames import BodyFrames
from posenet_ros.ros.topics.qos import POSES_QOS, TF_QOS
from posenet_ros.ros.topics.topic import topic_of


@pytest.fixture
def frames(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> BodyFrames:
    """Return the frames of the bodies 5 and 6; each message has one transform."""
    monkeypatch.setattr(body_frames, 'TF_TYPE', only_transform)
    bodies = MadeBodies()
    bodies.update('a', [5, 6], Header())
    publisher = graph.node.create_publisher(TransformStamped, '/tf', TF_QOS)
    topic = topic_of(graph.node, '/front/poses_3d')
    return BodyFrames(graph.node, topic, 'a', bodies, publisher=publisher)


def only_transform(transforms: list[TransformStamped]) -> TransformStamped:
    """Return the only transform in a message; it stands in for TFMessage."""
    (transform,) = transforms
    return transform


def poses_3d_publisher(graph: Graph, frames: BodyFrames) -> Any:
    """Return a publisher of poses in metres, which the frames receive."""
    publisher = graph.node.create_publisher(Pose3DArray, '/front/poses_3d', POSES_QOS)
    graph.wait_until(
        publisher.get_subscription_count, 'the subscription', frames.update_subscription
    )
    return publisher


def test_poses_in_metres_are_received_only_while_somebody_subscribes_to_frames(
    graph: Graph, frames: BodyFrames
) -> None:
    node = graph.node

    def subscribers() -> int:
        frames.update_subscription()
        return node.count_subscribers('/front/poses_3d')

    assert subscribers() == 0
    listener = node.create_subscription(TransformStamped, '/tf', lambda _: None, TF_QOS)
    graph.wait_until(lambda: subscribers() == 1, 'the subscription')
    node.destroy_subscription(listener)
    graph.wait_until(lambda: subscribers() == 0, 'its end')


def test_a_frame_is_between_the_hips_and_points_out_of_the_body(
    graph: Graph, frames: BodyFrames
) -> None:
    received = graph.collect(TransformStamped, '/tf', TF_QOS)
    poses_3d_publisher(graph, frames).publish(positions(5, header=header_at(1.0)))
    graph.wait_until(lambda: received, 'the frame')
    (frame,) = received
    assert (frame.header, frame.child_frame_id) == (header_at(1.0), 'body_a5')
    origin, turn = frame.transform.translation, frame.transform.rotation
    assert (origin.x, origin.y, origin.z) == pytest.approx((0, 0, 3))
    # x of the body is -z of the camera, y is x, and z is -y.
    assert (turn.x, turn.y, turn.z, turn.w) == pytest.approx((0.5, 0.5, -0.5, 0.5))


@pytest.mark.parametrize(
    'unusable',
    [
        positions(5, header=header_at(0.0)),
        positions(5, header=header_at(-1.0)),
        positions(5, header=header_at(1.0, frame='')),
        positions(0, header=header_at(1.0)),
        positions(7, header=header_at(1.0)),
    ],
    ids=['without a stamp', 'negative stamp', 'without a frame_id', 'without an id', 'no body'],
)
def test_there_is_no_frame_without_a_stamp_a_frame_id_or_a_body(
    graph: Graph, frames: BodyFrames, unusable: Pose3DArray
) -> None:
    received = graph.collect(TransformStamped, '/tf', TF_QOS)
    publisher = poses_3d_publisher(graph, frames)
    publisher.publish(unusable)
    publisher.publish(positions(6, header=header_at(2.0)))
    graph.wait_until(lambda: received, 'a frame')
    assert [frame.child_frame_id for frame in received] == ['body_a6']
