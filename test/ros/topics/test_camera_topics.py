"""The topics of a camera of a node with remappings."""

from collections.abc import Callable
from typing import Any

import pytest
from rclpy.node import Node
from ros_graph import Graph

from posenet_ros.errors import SettingError
from posenet_ros.messages.topic_names import TopicNames, topics_beside
from posenet_ros.ros.topics.camera_topics import camera_topics
from posenet_ros.ros.topics.given_topics import TopicSettings

#: Returns the resolved names of cameras, from their image topics and the node's remappings.
Resolve = Callable[..., list[TopicNames]]


@pytest.fixture
def resolve(graph: Graph) -> Resolve:
    """Return a function that resolves the topics of a node with the given remappings."""

    def resolved(
        *images: str, remap: list[str], transport: str = 'raw', **spatial: Any
    ) -> list[TopicNames]:
        arguments = ['--ros-args', *(word for rule in remap for word in ('-r', rule))]
        with graph.host(
            lambda context: Node('remapped', context=context, cli_args=arguments)
        ) as node:
            settings = TopicSettings(image_topics=images, image_transport=transport, **spatial)
            cameras = camera_topics(node, settings)
            return [camera.resolved for camera in cameras]

    return resolved


@pytest.mark.parametrize(
    ('image', 'beside'),
    [('image', '/image'), ('/front/image', '/front/image'), ('~/image', '/remapped/image')],
)
def test_without_remapping_topics_are_in_the_namespace_of_the_image_topic(
    resolve: Resolve, image: str, beside: str
) -> None:
    assert resolve(image, remap=[]) == [topics_beside(beside)]


def test_the_other_topics_follow_an_image_topic_that_is_remapped(resolve: Resolve) -> None:
    (topics,) = resolve('image_raw', remap=['image_raw:=/camera/color/image_raw'])
    assert topics == topics_beside('/camera/color/image_raw')


def test_a_topic_that_is_remapped_itself_does_not_follow_the_image_topic(
    resolve: Resolve,
) -> None:
    (topics,) = resolve(
        'image_raw', remap=['image_raw:=/camera/image_raw', 'poses:=/people', 'image_annotated:=v']
    )
    assert topics.poses == '/people'
    assert (topics.image_annotated, topics.image_annotated_compressed) == ('/v', '/v/compressed')
    assert topics.camera_info == '/camera/camera_info'
    assert topics.pose_markers == '/camera/pose_markers'
    assert topics.poses_smoothed == '/camera/poses_smoothed'
    assert topics.annotations == '/camera/annotations'


def test_a_topic_beside_the_image_topic_can_be_remapped_by_its_new_name(resolve: Resolve) -> None:
    remap = ['image_raw:=/camera/image_raw', '/camera/poses:=/people']
    (topics,) = resolve('image_raw', remap=remap)
    assert topics.poses == '/people'


def test_cameras_whose_image_topics_are_swapped_are_swapped(resolve: Resolve) -> None:
    swap = ['/left/image:=/right/image', '/right/image:=/left/image']
    topics = resolve('/left/image', '/right/image', remap=swap)
    assert topics == [topics_beside('/right/image'), topics_beside('/left/image')]


def test_outputs_that_are_swapped_are_swapped_once(resolve: Resolve) -> None:
    swap = ['/left/poses:=/right/poses', '/right/poses:=/left/poses']
    left, right = resolve('/left/image', '/right/image', remap=swap)
    assert (left.poses, right.poses) == ('/right/poses', '/left/poses')
    assert (left.pose_markers, right.pose_markers) == ('/left/pose_markers', '/right/pose_markers')


@pytest.mark.parametrize(
    ('remap', 'image'),
    [
        (['image:=/camera/image'], '/camera/image/compressed'),
        (['image:=/camera/image/compressed'], '/camera/image/compressed'),
        (['image/compressed:=/camera/jpeg'], '/camera/jpeg'),
        (['image:=/other/image', 'image/compressed:=/camera/jpeg'], '/camera/jpeg'),
    ],
)
def test_a_compressed_image_topic_follows_its_raw_topic_unless_it_is_remapped_itself(
    resolve: Resolve, remap: list[str], image: str
) -> None:
    (topics,) = resolve('image', remap=remap, transport='compressed')
    assert (topics.image, topics.compressed) == (image, True)
    assert topics.poses == '/camera/poses'


def test_an_image_topic_that_is_remapped_to_a_compressed_one_is_compressed(
    resolve: Resolve,
) -> None:
    (topics,) = resolve('image', remap=['image:=/camera/image/compressed'])
    assert topics == topics_beside('/camera/image/compressed')


def test_the_compressed_annotated_image_can_be_remapped_alone(resolve: Resolve) -> None:
    (topics,) = resolve('image', remap=['image_annotated/compressed:=/jpeg'])
    assert topics.image_annotated == '/image_annotated'
    assert topics.image_annotated_compressed == '/jpeg'


def test_a_depth_topic_is_where_it_was_named_or_remapped_to_and_not_beside_the_image_topic(
    resolve: Resolve,
) -> None:
    remap = ['image:=/color/image', 'depth:=/stereo/depth/compressedDepth']
    (topics,) = resolve('image', remap=remap, depth_topics=['depth'])
    assert topics.depth == '/stereo/depth/compressedDepth'
    assert topics.poses_3d == '/color/poses_3d'
    (other,) = resolve('image', remap=remap[:1], depth_topics=['depth'])
    assert other.depth == '/depth'


def test_poses_in_metres_are_published_with_depth_or_with_the_ground_only(
    resolve: Resolve,
) -> None:
    names = ['/a/image', '/b/image']
    with_depth = resolve(*names, remap=[], depth_topics=['', '/b/depth'])
    assert [one.poses_3d for one in with_depth] == ['', '/b/poses_3d']
    on_ground = resolve(*names, remap=[], ground=True)
    assert [one.poses_3d for one in on_ground] == ['/a/poses_3d', '/b/poses_3d']


def test_frames_of_people_are_on_tf_for_cameras_with_positions_only(graph: Graph) -> None:
    settings = TopicSettings(
        image_topics=['/a/image', '/b/image'], depth_topics=['', '/b/depth'], person_frames=True
    )
    first, second = camera_topics(graph.node, settings)
    assert (first.tf, '/tf' in first.ends) == (None, False)
    assert second.tf is not None
    assert (second.tf.resolved, second.person_frame_prefix) == ('/tf', 'b_person_')
    assert second.ends['/tf'] == 'publisher'


def test_frames_of_people_without_positions_are_refused(graph: Graph) -> None:
    with pytest.raises(SettingError, match=r'person_frames is true, but .* set depth_topics or'):
        camera_topics(graph.node, TopicSettings(image_topics=['/a/image'], person_frames=True))


def test_cameras_that_are_remapped_into_one_namespace_are_refused(resolve: Resolve) -> None:
    remap = ['a/image:=/stereo/left', 'b/image:=/stereo/right']
    with pytest.raises(SettingError, match=r"'a/image' and 'b/image' .* /stereo/poses"):
        resolve('a/image', 'b/image', remap=remap)
