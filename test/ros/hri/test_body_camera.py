"""The poses of one camera as hri_bodies receives them, over real DDS, without hri_msgs."""

from geometry_msgs.msg import TransformStamped
from made_bodies import MadeBodies
from made_depth import header_at
import pytest
from ros_graph import Graph

from posenet_ros.msg import Pose, PoseArray
from posenet_ros.ros.hri.body_camera import BodyCamera
from posenet_ros.ros.hri.body_frames import BodyFrames
from posenet_ros.ros.hri.recent_images import RecentImages
from posenet_ros.ros.topics.camera_topics import camera_topics
from posenet_ros.ros.topics.given_topics import TopicSettings
from posenet_ros.ros.topics.qos import POSES_QOS, TF_QOS


class Watched:
    """A camera, its bodies, and a publisher of its poses."""

    def __init__(self, graph: Graph) -> None:
        node = graph.node
        settings = TopicSettings(image_topics=['/front/image'], ground=True)
        (topics,) = camera_topics(node, settings)
        assert topics.poses_3d is not None
        self.bodies = MadeBodies()
        tf = node.create_publisher(TransformStamped, '/tf', TF_QOS)
        self.camera = BodyCamera(
            node,
            topics.poses,
            'a',
            self.bodies,
            images=RecentImages(node, topics, max_pixels=20_000),
            frames=BodyFrames(node, topics.poses_3d, 'a', self.bodies, publisher=tf),
        )
        self._graph = graph
        self._publisher = node.create_publisher(PoseArray, '/front/poses', POSES_QOS)
        graph.wait_until(self._publisher.get_subscription_count, 'the subscription')

    def publish(self, *track_ids: int, stamp: float, width: int = 120) -> None:
        """Publish poses in an image, and wait until they are received."""
        before = self.bodies.updates
        poses = [Pose(track_id=track_id) for track_id in track_ids]
        self._publisher.publish(
            PoseArray(header=header_at(stamp), image_width=width, image_height=100, poses=poses)
        )
        self._graph.wait_until(lambda: self.bodies.updates > before, 'the poses')


@pytest.fixture
def watched(graph: Graph) -> Watched:
    return Watched(graph)


@pytest.mark.parametrize(('stamp', 'closed'), [(99.9, 0), (140.0, 0), (99.7, 1), (1.0, 1)])
def test_bodies_are_closed_if_a_stamp_is_much_older_than_the_newest_one(
    watched: Watched, stamp: float, closed: int
) -> None:
    watched.publish(8, stamp=100.0)
    watched.publish(1, stamp=stamp)
    assert watched.bodies.closed == closed


def test_a_single_stamp_that_is_far_ahead_closes_no_body(watched: Watched) -> None:
    for stamp in (100.0, 1000.0, 140.0):
        watched.publish(8, stamp=stamp)
    assert watched.bodies.closed == 0


def test_images_without_a_stamp_close_no_body(watched: Watched) -> None:
    for stamp in (100.0, 0.0, 140.0):
        watched.publish(8, stamp=stamp)
    assert watched.bodies.closed == 0


def test_bodies_are_closed_if_the_size_of_the_images_changes(watched: Watched) -> None:
    for width in (120, 120, 240, 240):
        watched.publish(8, stamp=100.0, width=width)
    assert watched.bodies.closed == 1


def test_images_are_received_only_while_the_part_with_a_body_is_wanted(
    graph: Graph, watched: Watched
) -> None:
    def subscribers() -> int:
        return graph.node.count_subscribers('/front/image')

    watched.publish(8, stamp=100.0)
    watched.camera.update_subscriptions()
    assert subscribers() == 0
    watched.bodies.open[8].cropped_has_subscribers = True
    watched.camera.update_subscriptions()
    graph.wait_until(lambda: subscribers() == 1, 'the subscription')
    watched.bodies.open.clear()  # posenet_node has stopped, and the body has expired
    watched.camera.update_subscriptions()
    graph.wait_until(lambda: subscribers() == 0, 'its end')
