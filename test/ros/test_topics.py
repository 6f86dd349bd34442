import pytest

from posenet_ros.errors import SettingError
from posenet_ros.ros.topics import check_outputs_differ, topics_beside


@pytest.mark.parametrize(
    ('image', 'poses', 'annotated'),
    [
        ('image_raw', 'poses', 'image_annotated'),
        ('/front/image_raw', '/front/poses', '/front/image_annotated'),
        ('rear/left/image', 'rear/left/poses', 'rear/left/image_annotated'),
        ('/image', '/poses', '/image_annotated'),
        ('~/image', '~/poses', '~/image_annotated'),
    ],
)
def test_outputs_stand_beside_the_images(image: str, poses: str, annotated: str) -> None:
    topics = topics_beside(image)
    assert (topics.image, topics.poses, topics.image_annotated) == (image, poses, annotated)


def test_two_cameras_in_one_namespace_are_refused_with_both_names() -> None:
    with pytest.raises(SettingError, match=r"'/a/left' and '/a/right' .* /a/poses"):
        check_outputs_differ([('/a/left', '/a/poses'), ('/a/right', '/a/poses')])


def test_no_camera_is_refused() -> None:
    with pytest.raises(SettingError, match='image_topics is empty'):
        check_outputs_differ([])
