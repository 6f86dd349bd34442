import pytest
from ros_graph import Graph
from sensor_msgs.msg import Image

from posenet_ros.ros.camera import Camera
from posenet_ros.ros.topics import IMAGE_QOS, topics_beside


@pytest.fixture
def camera(graph: Graph) -> Camera:
    """Return a camera of the test's own node."""
    return Camera(graph.node, topics_beside('/front/image'))


def test_a_camera_knows_its_topics_as_others_see_them(camera: Camera) -> None:
    assert (camera.name, camera.poses_topic) == ('/front/image', '/front/poses')


def test_an_annotated_image_is_wanted_only_while_someone_subscribes(
    graph: Graph, camera: Camera
) -> None:
    assert not camera.annotated_is_wanted
    subscription = graph.node.create_subscription(
        Image, '/front/image_annotated', lambda _: None, IMAGE_QOS
    )
    graph.wait_until(lambda: camera.annotated_is_wanted, 'the subscriber to be seen')
    graph.node.destroy_subscription(subscription)
    graph.wait_until(lambda: not camera.annotated_is_wanted, 'the subscriber to be gone')
