"""hri_bodies, as ROS4HRI's libraries see it, over real DDS."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import TransformStamped
from made_bodies import positions
import numpy as np
import pytest
from ros_graph import Graph, image_message, Program
from sensor_msgs.msg import Image
from std_msgs.msg import Header, String

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.msg import Keypoint, Pose, Pose3DArray, PoseArray
from posenet_ros.ros import hri_bodies
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.conversions.transforms import TF_TYPE
from posenet_ros.ros.hri.hri_packages import hri, HRI_QOS
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS, TF_QOS

needs_hri = pytest.mark.skipif(
    hri is None or TF_TYPE is None,
    reason='hri_msgs or tf2_msgs is missing: there is no wheel of them',
)
TRACKED = '/humans/bodies/tracked'


def person(track_id: int) -> Pose:
    """Return a person in the box from (20, 10) to (59, 69)."""
    keypoints = [Keypoint(id=part, x=30.0, y=20.0 + part, score=0.9) for part in range(17)]
    box = {'x_min': 20.0, 'y_min': 10.0, 'x_max': 59.0, 'y_max': 69.0}
    return Pose(track_id=track_id, score=0.8, keypoints=keypoints, **box)


def poses(*track_ids: int, second: int = 1) -> PoseArray:
    """Return people with these ids in an image of 120 x 100 pixels."""
    header = Header(frame_id='lens', stamp=Time(sec=second))
    people = [person(track_id) for track_id in track_ids]
    return PoseArray(header=header, image_width=120, image_height=100, poses=people)


class Bodies:
    """The program hri_bodies, and a publisher of poses."""

    def __init__(self, graph: Graph, *arguments: str, topic: str = 'poses') -> None:
        self.graph = graph
        self.program: Program = graph.start('hri_bodies', *arguments)
        self.publisher = graph.node.create_publisher(PoseArray, topic, POSES_QOS)
        self.lists = self.collect(hri.IdsList, TRACKED)
        graph.wait_until(self.publisher.get_subscription_count, 'the node')

    def collect(self, message_type: Any, topic: str) -> list[Any]:
        """Return a list to which messages are added as they arrive, as libhri receives them."""
        return self.graph.collect(message_type, topic, HRI_QOS)

    def publish_until(self, message: PoseArray, condition: Any, what: str) -> None:
        """Publish poses repeatedly until a condition holds."""
        self.graph.wait_until(condition, what, lambda: self.publisher.publish(message))

    def tracked(self) -> list[str]:
        """Return the ids in the last list, empty if there is none."""
        return list(self.lists[-1].ids) if self.lists else []

    def body_topics(self) -> set[str]:
        """Return the topics of bodies that anybody publishes."""
        node = self.graph.node
        names = (name for name, _ in node.get_topic_names_and_types())
        mine = (name for name in names if name.startswith('/humans/bodies/') and name != TRACKED)
        return {name for name in mine if node.count_publishers(name)}


@needs_hri
def test_a_body_has_a_box_and_a_skeleton_with_the_header_of_the_image(graph: Graph) -> None:
    bodies = Bodies(graph)
    regions = bodies.collect(hri.NormalizedRegionOfInterest2D, '/humans/bodies/a7/roi')
    skeletons = bodies.collect(hri.Skeleton2D, '/humans/bodies/a7/skeleton2d')
    bodies.publish_until(poses(7), lambda: regions and skeletons and bodies.lists, 'the body')
    assert bodies.tracked() == ['a7']
    for message in (regions[0], skeletons[0], bodies.lists[0]):
        assert message.header == poses().header
    region, skeleton = regions[0], skeletons[0].skeleton
    values = region.xmin, region.ymin, region.xmax, region.ymax, region.c
    assert values == pytest.approx((20.5 / 120, 0.105, 59.5 / 120, 0.695, 0.8))
    neck = skeleton[hri.Skeleton2D.NECK]
    assert (neck.x, neck.y, neck.c) == pytest.approx((30.5 / 120, 0.26, 0.9))
    for part in PART_NAMES:
        point = skeleton[getattr(hri.Skeleton2D, part.upper())]
        assert point.y * 100 == pytest.approx(20.5 + PART_NAMES.index(part), abs=1e-3)
    assert bodies.program.end() == 0


@needs_hri
def test_the_topics_of_a_body_vanish_with_the_person(graph: Graph) -> None:
    bodies = Bodies(graph)
    bodies.publish_until(poses(1, 2), lambda: bodies.tracked() == ['a1', 'a2'], 'two people')
    both = {f'/humans/bodies/{one}/{name}' for one in ('a1', 'a2') for name in
            ('roi', 'skeleton2d', 'cropped')}  # fmt: skip
    bodies.publish_until(poses(1, 2), lambda: bodies.body_topics() == both, 'their topics')
    bodies.publish_until(poses(2), lambda: bodies.tracked() == ['a2'], 'one person')
    # Nobody publishes poses any more.
    graph.wait_until(lambda: bodies.lists[-1].ids == [], 'nobody to be tracked')
    graph.wait_until(lambda: not bodies.body_topics(), 'the topics to vanish')


@needs_hri
def test_people_without_an_id_have_no_body(graph: Graph) -> None:
    bodies = Bodies(graph)
    bodies.publish_until(poses(0, 3, 0), lambda: bodies.lists, 'the list')
    assert bodies.tracked() == ['a3']


@needs_hri
def test_the_bodies_of_two_cameras_have_different_ids(graph: Graph) -> None:
    topics = '[/left/image_raw, /right/image_raw]'
    bodies = Bodies(graph, '-p', f'image_topics:={topics}', topic='/left/poses')
    other = graph.node.create_publisher(PoseArray, '/right/poses', POSES_QOS)

    def publish() -> None:
        bodies.publisher.publish(poses(1))
        other.publish(poses(1))

    graph.wait_until(lambda: sorted(bodies.tracked()) == ['a1', 'b1'], 'both', publish)


@needs_hri
def test_bodies_end_when_the_stamps_jump_back_as_ids_start_again(graph: Graph) -> None:
    bodies = Bodies(graph, '-p', 'body_timeout:=60.0')
    bodies.publish_until(poses(8, second=100), lambda: bodies.tracked() == ['a8'], 'a person')
    bodies.lists.clear()
    bodies.publish_until(poses(1), lambda: bodies.tracked() == ['a1'], 'another person')
    assert ['a8', 'a1'] not in [list(one.ids) for one in bodies.lists]


@needs_hri
def test_bodies_end_when_the_size_of_the_images_changes_as_ids_start_again(graph: Graph) -> None:
    bodies = Bodies(graph, '-p', 'body_timeout:=60.0')
    bodies.publish_until(poses(8), lambda: bodies.tracked() == ['a8'], 'a person')
    resized = poses(1)
    resized.image_width = 240
    bodies.publish_until(resized, lambda: bodies.tracked() == ['a1'], 'another person')


@needs_hri
def test_the_person_is_cut_out_of_the_image_while_somebody_subscribes(graph: Graph) -> None:
    bodies = Bodies(graph)
    pixels = np.random.default_rng(0).integers(0, 256, (100, 120, 3), np.uint8)
    images = graph.node.create_publisher(Image, 'image_raw', IMAGE_QOS)
    bodies.publish_until(poses(4), lambda: bodies.tracked() == ['a4'], 'the person')
    assert graph.node.count_subscribers('/image_raw') == 0
    parts = bodies.collect(Image, '/humans/bodies/a4/cropped')
    seconds = iter(range(2, 10_000))

    def publish() -> None:
        second = next(seconds)
        images.publish(image_message(pixels, second=second))
        bodies.publisher.publish(poses(4, second=second - 1))  # as it takes time to find people

    graph.wait_until(lambda: parts, 'a part of the image', publish)
    np.testing.assert_array_equal(to_rgb(parts[0]), pixels[10:70, 20:60])
    assert parts[0].header.frame_id == 'lens'


@needs_hri
def test_the_frame_of_a_body_is_between_the_hips_and_points_out_of_the_body(graph: Graph) -> None:
    bodies = Bodies(graph)
    frames = graph.collect(TF_TYPE, '/tf')
    in_metres = graph.node.create_publisher(Pose3DArray, 'poses_3d', POSES_QOS)

    def publish() -> None:
        bodies.publisher.publish(poses(5))
        in_metres.publish(positions(5, header=poses().header))
        in_metres.publish(positions(6, header=poses().header))  # whose poses have not arrived

    graph.wait_until(lambda: frames, 'the frame', publish)
    (frame,) = frames[0].transforms
    assert (frame.header, frame.child_frame_id) == (poses().header, 'body_a5')
    origin, turn = frame.transform.translation, frame.transform.rotation
    assert (origin.x, origin.y, origin.z) == pytest.approx((0, 0, 3))
    # x of the body is -z of the camera, y is x, and z is -y.
    assert (turn.x, turn.y, turn.z, turn.w) == pytest.approx((0.5, 0.5, -0.5, 0.5))


def test_without_anybody_who_subscribes_to_frames_poses_in_metres_are_not_received(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Types that stand in for those of hri_msgs and tf2_msgs, of which there is no wheel.
    monkeypatch.setattr(hri_bodies, 'check_hri_packages', lambda: None)
    monkeypatch.setattr(hri_bodies, 'TF_TYPE', TransformStamped)
    monkeypatch.setattr('posenet_ros.ros.hri.bodies.hri', SimpleNamespace(IdsList=String))
    count = graph.node.count_subscribers
    with graph.host(lambda context: hri_bodies.HriBodies(context=context)):
        graph.wait_until(lambda: count('/poses') == 1, 'the subscription to poses')
        assert count('/poses_3d') == 0
        listener = graph.node.create_subscription(TransformStamped, '/tf', lambda _: None, TF_QOS)
        graph.wait_until(lambda: count('/poses_3d') == 1, 'the subscription to poses_3d')
        graph.node.destroy_subscription(listener)
        graph.wait_until(lambda: count('/poses_3d') == 0, 'its end')


def test_without_hri_msgs_the_node_exits_with_one_line_that_has_the_remedy(
    graph: Graph, tmp_path: Path
) -> None:
    (tmp_path / 'hri_msgs').mkdir()
    (tmp_path / 'hri_msgs' / '__init__.py').write_text('raise ImportError')
    path = os.pathsep.join([str(tmp_path), os.environ['PYTHONPATH']])
    program = graph.start('hri_bodies', environment={'PYTHONPATH': path})
    assert program.wait() == 1
    (line,) = program.output.splitlines()
    assert 'hri_bodies needs hri_msgs' in line
    assert 'ros-$ROS_DISTRO-hri-msgs' in line
