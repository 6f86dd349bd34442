"""The configuration of RViz shows what the node publishes."""

from typing import Any

from golden import ROOT
import pytest
import yaml

from posenet_ros.messages.topic_names import topics_beside
from posenet_ros.ros.topics.qos import ANNOTATED_IMAGE_QOS, POSES_QOS

TOPICS = topics_beside('image_raw')
#: The profiles of the node's publishers, by topic; launch remaps these topics of RViz.
PROFILES = {TOPICS.image_annotated: ANNOTATED_IMAGE_QOS, TOPICS.pose_markers: POSES_QOS}


def displays() -> list[dict[str, Any]]:
    content = yaml.safe_load((ROOT / 'rviz' / 'posenet.rviz').read_text())
    return list(content['Visualization Manager']['Displays'])


def shown() -> list[dict[str, Any]]:
    """Return the topics of the displays."""
    return [one['Topic'] for one in displays() if 'Topic' in one]


def test_the_annotated_image_and_the_markers_are_shown() -> None:
    assert [topic['Value'] for topic in shown()] == list(PROFILES)
    assert [one['Enabled'] for one in displays() if 'Topic' in one] == [True, True]


@pytest.mark.parametrize('topic', shown(), ids=lambda topic: str(topic['Value']))
def test_the_qos_of_a_display_is_compatible_with_that_of_the_publisher(
    topic: dict[str, Any],
) -> None:
    profile = PROFILES[topic['Value']]
    reliable = profile.reliability.name == 'RELIABLE'
    assert topic['Reliability Policy'] == 'Best Effort' or reliable
    assert topic['Durability Policy'] == 'Volatile'


def test_frames_of_people_can_be_shown() -> None:
    (frames,) = [one for one in displays() if one['Class'] == 'rviz_default_plugins/TF']
    assert not frames['Enabled']  # a robot has many frames
