import pytest

from posenet_ros.ros.topics.person_frames import person_frame_prefixes


@pytest.mark.parametrize(
    ('topics', 'prefixes'),
    [
        (['/camera/image_raw'], ['person_']),
        (['/left/image_raw', '/right/image_raw'], ['left_person_', 'right_person_']),
        (
            ['/robot/left/image', '/robot/right/image'],
            ['robot_left_person_', 'robot_right_person_'],
        ),
        (['/left/image/compressed', '/right/image'], ['left_person_', 'right_person_']),
        (['/image_a', '/image_b'], ['image_a_person_', 'image_b_person_']),
        (['/image', '/left/image'], ['image_person_', 'left_person_']),
        (['/hall/a', '/hall/b'], ['hall_a_person_', 'hall_b_person_']),
        (['/a/b/image', '/a_b/image'], ['a_b_image_person_', 'a_b_image_2_person_']),
    ],
)
def test_frames_are_named_after_the_namespace_of_the_camera_if_there_are_several(
    topics: list[str], prefixes: list[str]
) -> None:
    assert person_frame_prefixes(topics) == prefixes
