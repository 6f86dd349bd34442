from made_depth import header_at
import pytest
from std_msgs.msg import Header

from posenet_ros.ros.conversions.transforms import is_usable_by_tf2, to_transform


def test_tf2_can_use_a_header_with_a_frame_id_and_a_stamp() -> None:
    assert is_usable_by_tf2(header_at(0.5))


@pytest.mark.parametrize('header', [header_at(0.0), header_at(-1.0), header_at(1.0, frame='')])
def test_tf2_cannot_use_a_header_without_a_frame_id_or_a_positive_stamp(header: Header) -> None:
    assert not is_usable_by_tf2(header)


def test_a_transform_is_from_the_frame_of_the_header_to_the_child() -> None:
    rotation = (0.5, -0.5, 0.5, -0.5)
    made = to_transform(header_at(2.0), 'person_1', origin=(1.0, 2.0, 3.0), rotation=rotation)
    assert (made.header, made.child_frame_id) == (header_at(2.0), 'person_1')
    shift, turn = made.transform.translation, made.transform.rotation
    assert (shift.x, shift.y, shift.z) == (1, 2, 3)
    assert (turn.x, turn.y, turn.z, turn.w) == (0.5, -0.5, 0.5, -0.5)


def test_a_transform_has_no_rotation_unless_one_is_given() -> None:
    turn = to_transform(header_at(2.0), 'person_1', origin=(1.0, 2.0, 3.0)).transform.rotation
    assert (turn.x, turn.y, turn.z, turn.w) == (0, 0, 0, 1)
