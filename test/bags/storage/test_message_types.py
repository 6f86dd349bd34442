import re

from golden import ROOT
from made_bags import header
import numpy as np

from posenet_ros.bags.storage.message_types import find_definitions, load_message_types, name_of
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.messages.pose_arrays import to_pose_array
from posenet_ros.poses import Pose


def test_the_definitions_are_the_files_of_the_ros_package_and_not_a_copy_by_hand() -> None:
    found = find_definitions()
    sources = sorted((ROOT / 'msg').glob('*.msg'))
    assert [path.name for path in found] == [path.name for path in sources]
    for path, source in zip(found, sources, strict=True):
        assert path.read_text() == source.read_text()


def test_a_definition_in_a_bag_has_those_of_all_its_fields() -> None:
    definition, _ = load_message_types().store.generate_msgdef(name_of('PoseArray'), ros_version=2)
    parts = set(re.findall(r'^MSG: (.*)$', definition, re.MULTILINE))
    assert parts == {
        'std_msgs/Header',
        'builtin_interfaces/Time',
        'posenet_ros/Pose',
        'posenet_ros/Keypoint',
    }


def test_a_message_survives_its_way_into_a_bag_in_float32() -> None:
    types = load_message_types()
    keypoints = np.arange(34, dtype=np.float64).reshape(17, 2) / 3
    pose = Pose(0.75, keypoints, np.linspace(0, 1, 17, dtype=np.float32), track_id=7)
    sent = to_pose_array([pose], header(5), (480, 640), types=types)
    data = types.to_bytes(sent)
    back = types.store.deserialize_cdr(data, name_of('PoseArray'))
    assert (back.image_width, back.image_height) == (640, 480)  # type: ignore[attr-defined]
    (person,) = back.poses  # type: ignore[attr-defined]
    assert (person.track_id, person.score) == (7, 0.75)
    assert len(person.keypoints) == len(PART_NAMES)
    assert person.keypoints[3].x == np.float32(keypoints[3, 0])
