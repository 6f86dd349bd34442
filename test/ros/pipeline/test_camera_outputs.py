from collections.abc import Iterator

from geometry_msgs.msg import TransformStamped
from made_cameras import camera_in
import pytest
from ros_graph import Graph
from sensor_msgs.msg import Image

from posenet_ros.errors import SettingError
from posenet_ros.ros.conversions import person_transforms
from posenet_ros.ros.conversions.annotation_messages import ANNOTATIONS_TYPE
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.topics.qos import IMAGE_QOS, TF_QOS


@pytest.fixture
def camera(graph: Graph) -> Iterator[Camera]:
    made = camera_in(graph, 'front')
    yield made
    made.outputs.close()


def test_a_camera_is_named_after_its_resolved_image_topic(camera: Camera) -> None:
    assert (camera.name, camera.topics.poses.resolved) == ('/front/image', '/front/poses')


def test_an_output_has_subscribers_only_while_somebody_subscribes(
    graph: Graph, camera: Camera
) -> None:
    outputs = camera.outputs
    assert not outputs.annotated_image_has_subscribers
    assert not outputs.has_subscribers
    subscription = graph.node.create_subscription(
        Image, '/front/image_annotated', lambda _: None, IMAGE_QOS
    )
    graph.wait_until(lambda: outputs.annotated_image_has_subscribers, 'the subscriber')
    assert outputs.has_subscribers
    assert not outputs.markers_have_subscribers
    graph.node.destroy_subscription(subscription)
    graph.wait_until(lambda: not outputs.annotated_image_has_subscribers, 'nobody')


@pytest.mark.parametrize(('ground', 'own'), [(False, 0), (True, 1)])
def test_frames_have_subscribers_only_if_another_node_subscribes_to_tf(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, ground: bool, own: int
) -> None:
    # Stands in for TFMessage, as there is no wheel of tf2_msgs.
    monkeypatch.setattr(person_transforms, 'TF_TYPE', TransformStamped)
    depth = '' if ground else 'depth'
    outputs = camera_in(graph, 'front', depth=depth, ground=ground, person_frames=True).outputs

    def subscribe() -> None:
        graph.node.create_subscription(TransformStamped, '/tf', lambda _: None, TF_QOS)

    for _ in range(own):
        subscribe()
    graph.wait_until(lambda: graph.node.count_subscribers('/tf') == own, 'its own subscription')
    assert not graph.holds_within(lambda: outputs.has_subscribers, 0.5)
    subscribe()
    graph.wait_until(lambda: outputs.transforms_have_subscribers, 'the other subscriber')
    assert outputs.has_subscribers
    outputs.close()


def test_closing_removes_the_publishers_from_the_graph(graph: Graph) -> None:
    camera = camera_in(graph, 'rear')
    topics = set(camera.topics.resolved.outputs)
    if ANNOTATIONS_TYPE is None:  # foxglove_msgs is not installed
        topics.remove('/rear/annotations')
    graph.wait_until(
        lambda: all(graph.node.count_publishers(topic) for topic in topics), 'the publishers'
    )
    camera.outputs.close()
    graph.wait_until(
        lambda: not any(graph.node.count_publishers(topic) for topic in topics), 'their end'
    )


def test_a_refused_publisher_leaves_no_other_one_open(graph: Graph) -> None:
    name = 'qos_overrides./left/image_annotated.publisher.reliability'
    graph.node.declare_parameter(name, 'nonsense')
    with pytest.raises(SettingError, match='image_annotated'):
        camera_in(graph, 'left')
    graph.wait_until(
        lambda: graph.node.count_publishers('/left/poses') == 0, 'no publisher to be left'
    )
