import pytest
from ros_graph import Graph
from sensor_msgs.msg import Image

from posenet_ros.ros.diagnostics import silence
from posenet_ros.ros.diagnostics.silence import silence_cause, SilenceWatch
from posenet_ros.ros.topics.camera_topics import camera_topics
from posenet_ros.ros.topics.given_topics import TopicSettings


def test_a_watch_reports_once_when_images_stop_and_once_when_they_are_back() -> None:
    watch = SilenceWatch()
    told = [watch.update(silent=silent) for silent in (False, True, True, False, False, True)]
    assert told == [None, 'silent', None, 'back', None, 'silent']


def test_the_cause_of_silence_is_the_loss_of_images_if_they_get_lost(graph: Graph) -> None:
    (topics,) = camera_topics(graph.node, TopicSettings(image_topics=['/image_raw']))
    assert 'nobody publishes' in silence_cause(graph.node, topics, loses_images=False)
    graph.node.create_publisher(Image, '/image_raw', 1)
    graph.wait_until(lambda: graph.node.count_publishers('/image_raw'), 'the publisher')
    assert 'sends nothing' in silence_cause(graph.node, topics, loses_images=False)
    cause = silence_cause(graph.node, topics, loses_images=True)
    for fact in ('gets lost', '"Lost images"', '"Camera on another host"'):
        assert fact in cause


def test_an_image_from_another_host_may_get_lost_on_the_network(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    (topics,) = camera_topics(graph.node, TopicSettings(image_topics=['/image_raw']))
    graph.node.create_publisher(Image, '/image_raw', 1)
    graph.wait_until(lambda: graph.node.count_publishers('/image_raw'), 'the publisher')
    monkeypatch.setattr(silence, 'publisher_places', lambda *_: frozenset({'elsewhere'}))
    cause = silence_cause(graph.node, topics, loses_images=False)
    assert 'on another host' in cause
