"""config/foxglove.json: a layout that Foxglove can import, with the topics of the node."""

import json
from typing import Any

from golden import ROOT
import pytest

from posenet_ros.messages.topic_names import topics_beside

# The README's example of an image topic.
TOPICS = topics_beside('/camera/image_raw')


@pytest.fixture(scope='module')
def layout() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / 'config' / 'foxglove.json').read_text())
    return read


def panels_in(node: Any) -> list[str]:
    """Return the panels in a node of the layout: a panel, or two nodes side by side."""
    if isinstance(node, str):
        return [node]
    assert node['direction'] in {'row', 'column'}
    return panels_in(node['first']) + panels_in(node['second'])


def test_every_panel_is_shown_once_and_has_its_settings(layout: dict[str, Any]) -> None:
    assert sorted(panels_in(layout['layout'])) == sorted(layout['configById'])


def test_the_layout_has_the_parts_that_foxglove_expects(layout: dict[str, Any]) -> None:
    names = {'configById', 'globalVariables', 'userNodes', 'playbackConfig', 'layout'}
    assert set(layout) == names


def test_the_image_panel_shows_the_annotations_on_the_image(layout: dict[str, Any]) -> None:
    image = layout['configById']['Image!posenet']['imageMode']
    assert image['imageTopic'] == TOPICS.image
    assert image['annotations'] == {TOPICS.annotations: {'visible': True}}


def test_the_other_panels_show_topics_of_the_node(layout: dict[str, Any]) -> None:
    panels = layout['configById']
    assert panels['RawMessages!posenet']['topicPath'] == TOPICS.poses
    assert panels['DiagnosticSummary!posenet']['topicToRender'] == '/diagnostics'
