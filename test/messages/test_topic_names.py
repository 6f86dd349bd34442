from dataclasses import replace

import pytest

from posenet_ros.errors import SettingError
from posenet_ros.messages.topic_names import (
    check_topics_differ,
    TopicNames,
    topics_beside,
)


@pytest.mark.parametrize(
    ('image', 'namespace'),
    [
        ('image_raw', ''),
        ('/front/image_raw', '/front/'),
        ('rear/left/image', 'rear/left/'),
        ('/image', '/'),
        ('~/image', '~/'),
        ('/rear/image_raw/compressed', '/rear/'),
    ],
)
def test_all_topics_are_in_the_namespace_of_the_images(image: str, namespace: str) -> None:
    topics = topics_beside(image)
    assert topics.image == image
    assert topics.camera_info == f'{namespace}camera_info'
    images = ('image_annotated', 'image_annotated/compressed')
    names = ('poses', 'poses_smoothed', 'pose_markers', *images, 'annotations')
    assert topics.outputs == tuple(f'{namespace}{name}' for name in names)


@pytest.mark.parametrize(
    ('image', 'transport', 'taken', 'compressed'),
    [
        ('/rear/image_raw', 'raw', '/rear/image_raw', False),
        ('/rear/image_raw', 'compressed', '/rear/image_raw/compressed', True),
        ('/rear/image_raw/compressed', 'raw', '/rear/image_raw/compressed', True),
        ('/rear/image_raw/compressed', 'compressed', '/rear/image_raw/compressed', True),
    ],
)
def test_the_transport_or_the_topic_name_determines_whether_images_are_compressed(
    image: str, transport: str, taken: str, compressed: bool
) -> None:
    topics = topics_beside(image, image_transport=transport)
    assert (topics.image, topics.compressed) == (taken, compressed)


def resolved(*images: str) -> list[tuple[TopicNames, TopicNames]]:
    """Return the topics of cameras with absolute names, which resolve to themselves."""
    return [(topics_beside(image), topics_beside(image)) for image in images]


def test_cameras_in_different_namespaces_are_allowed() -> None:
    check_topics_differ(resolved('/front/image', '/rear/image', '/image'))


def test_two_cameras_in_the_same_namespace_are_refused_with_both_names() -> None:
    with pytest.raises(SettingError, match=r"'/a/left' and '/a/right' .* /a/poses"):
        check_topics_differ(resolved('/a/left', '/a/right'))


def test_two_cameras_with_one_output_in_common_are_refused() -> None:
    front, rear = topics_beside('/front/image'), topics_beside('/rear/image')
    remapped = replace(rear, pose_markers=front.pose_markers)
    with pytest.raises(SettingError, match=r"'/front/image' and '/rear/image' .* /front/pose_mar"):
        check_topics_differ([(front, front), (rear, remapped)])


def test_a_camera_that_is_named_twice_is_refused() -> None:
    with pytest.raises(SettingError, match=r"'/a/image' and '/a/image' would both publish"):
        check_topics_differ(resolved('/a/image', '/a/image'))


@pytest.mark.parametrize(
    'image', ['/a/image_annotated', '/a/poses', '/a/image_annotated/compressed']
)
def test_a_topic_that_the_node_publishes_is_refused_as_a_camera(image: str) -> None:
    with pytest.raises(SettingError, match=f"'{image}', which this node publishes itself"):
        check_topics_differ(resolved(image))


def test_a_camera_with_depth_also_publishes_poses_3d() -> None:
    without, with_depth = topics_beside('/a/image'), topics_beside('/a/image', depth='/a/depth')
    assert set(with_depth.outputs) - set(without.outputs) == {'/a/poses_3d'}


@pytest.mark.parametrize('depth', ['/a/image', '/a/poses_3d'])
def test_an_image_topic_or_an_output_is_refused_as_depth(depth: str) -> None:
    topics = topics_beside('/a/image', depth=depth)
    with pytest.raises(SettingError, match=f"depth_topics has '{depth}'"):
        check_topics_differ([(topics, topics)])


def test_an_empty_list_of_cameras_is_refused() -> None:
    with pytest.raises(SettingError, match='image_topics is empty'):
        check_topics_differ([])


@pytest.mark.parametrize(
    ('name', 'rectified'),
    [
        ('/a/image_rect', True),
        ('image_rect_color', True),
        ('/a/image_rect/compressed', True),
        ('/a/image_raw', False),
        ('/image_rect/image', False),
    ],
)
def test_the_name_of_the_image_topic_determines_whether_images_are_rectified(
    name: str, rectified: bool
) -> None:
    assert topics_beside(name).rectified == rectified
