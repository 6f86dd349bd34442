from types import SimpleNamespace
from typing import Any

from made_depth import header_at
import numpy as np
import pytest
from std_msgs.msg import Header

from posenet_ros.errors import SettingError
from posenet_ros.ros.conversions import person_transforms
from posenet_ros.ros.conversions.person_transforms import to_transforms, transform_message_type
from posenet_ros.spatial.positions import Pose3D

BODY = (1.0, 2.0, 3.0)


@pytest.fixture(autouse=True)
def message_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a made type of messages, as tf2_msgs may not be there."""
    monkeypatch.setattr(person_transforms, 'TF_TYPE', SimpleNamespace)


def person(track_id: int, body: tuple[float, float, float] = BODY) -> Pose3D:
    unknown = np.full((17, 3), np.nan)
    return Pose3D(0.9, unknown, np.zeros(17, np.float32), np.array(body), track_id)


def transforms(*poses: Pose3D, header: Header | None = None) -> list[Any]:
    made = to_transforms(poses, header or header_at(1.0), 'left_person_')
    return [] if made is None else list(made.transforms)


def test_a_frame_is_at_the_body_with_the_axes_and_the_stamp_of_the_image() -> None:
    (one,) = transforms(person(7))
    assert (one.header, one.child_frame_id) == (header_at(1.0), 'left_person_7')
    shift, turn = one.transform.translation, one.transform.rotation
    assert (shift.x, shift.y, shift.z) == BODY
    assert (turn.x, turn.y, turn.z, turn.w) == (0, 0, 0, 1)


def test_only_people_with_an_id_and_a_known_body_have_a_frame() -> None:
    unknown = (float('nan'),) * 3
    found = transforms(person(1), person(0), person(2, unknown), person(3))
    assert [one.child_frame_id for one in found] == ['left_person_1', 'left_person_3']
    assert transforms(person(0)) == []


@pytest.mark.parametrize('header', [header_at(0.0), header_at(-1.0), header_at(1.0, frame='')])
def test_without_a_stamp_or_a_frame_id_there_are_no_frames(header: Header) -> None:
    assert transforms(person(1), header=header) == []


def test_without_tf2_msgs_the_reason_and_the_remedy_are_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(person_transforms, 'TF_TYPE', None)
    with pytest.raises(SettingError, match=r'person_frames is true, but .* tf2_msgs .* install'):
        transform_message_type()
