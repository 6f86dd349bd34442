import importlib.util
import json
from pathlib import Path
import xml.etree.ElementTree as ElementTree

from made_bags import header
import pytest

from posenet_ros.bags.storage.foxglove_types import IMAGE_ANNOTATIONS
from posenet_ros.bags.storage.message_types import load_message_types

TYPES = load_message_types()
RELEASE = '3.4.3'
# Of foxglove_msgs 3.4.3, as rosidl computes it.
HASH = 'RIHS01_bc4e578b1ef80953415d6f966a4cab305c8a44c8b64fc405312b6f06a08fc45e'


def test_the_type_has_the_hash_of_the_real_one() -> None:
    assert TYPES.store.hash_rihs01(IMAGE_ANNOTATIONS) == HASH


def test_all_types_have_the_hashes_of_the_installed_package() -> None:
    if importlib.util.find_spec('foxglove_msgs') is None:
        pytest.skip('foxglove_msgs is missing: there is no wheel of it')
    from ament_index_python import get_package_share_directory

    share = Path(get_package_share_directory('foxglove_msgs'))
    release = ElementTree.parse(share / 'package.xml').findtext('version')
    if release != RELEASE:
        pytest.skip(f'foxglove_msgs is release {release}, not {RELEASE}')
    description = json.loads((share / 'msg' / 'ImageAnnotations.json').read_text())
    installed = {one['type_name']: one['hash_string'] for one in description['type_hashes']}
    assert {name: TYPES.store.hash_rihs01(name) for name in installed} == installed
    assert IMAGE_ANNOTATIONS in installed


def test_lists_are_empty_and_stamps_are_zero_unless_they_are_given() -> None:
    message = TYPES.foxglove.ImageAnnotations(points=[])
    assert (message.circles, message.points, message.texts, message.metadata) == ([], [], [], [])
    assert message.timestamp == header(0).stamp
    assert TYPES.foxglove.Point2(x=1.0, y=2.0).y == 2.0
