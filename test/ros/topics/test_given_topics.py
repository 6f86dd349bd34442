import pytest

from posenet_ros.errors import SettingError
from posenet_ros.ros.topics.given_topics import named_topics


def test_each_camera_has_the_depth_topic_at_its_place_in_the_list() -> None:
    depths = ['', '/b/depth/compressedDepth']
    named = named_topics(['/a/image', '/b/image'], image_transport='raw', depth_topics=depths)
    assert [one.depth for one in named] == depths


def test_a_list_of_depth_topics_of_another_length_is_refused() -> None:
    with pytest.raises(SettingError, match='length 1, but image_topics has 2'):
        named_topics(['/a/image', '/b/image'], image_transport='raw', depth_topics=['/depth'])


def test_a_depth_topic_that_is_not_a_topic_name_is_refused() -> None:
    with pytest.raises(SettingError, match="depth_topics has '/a b', which is not a valid"):
        named_topics(['/a/image'], image_transport='raw', depth_topics=['/a b'])
