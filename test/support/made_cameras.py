"""Cameras of the test's own node."""

from ros_graph import Graph

from posenet_ros.ros.pipeline.camera import Camera, open_camera
from posenet_ros.ros.topics.camera_topics import camera_topics
from posenet_ros.ros.topics.given_topics import TopicSettings


def camera_in(
    graph: Graph,
    namespace: str,
    *,
    depth: str = '',
    ground: bool = False,
    person_frames: bool = False,
) -> Camera:
    """
    Return a camera with its publishers, whose image topic is /<namespace>/image.

    `depth` is the name of its depth topic in the same namespace, or empty for none. With
    `ground`, people are located on the ground. With `person_frames`, they get frames on /tf.
    """
    (topics,) = camera_topics(
        graph.node,
        TopicSettings(
            image_topics=[f'/{namespace}/image'],
            depth_topics=[f'/{namespace}/{depth}'] if depth else [],
            ground=ground,
            person_frames=person_frames,
        ),
    )
    return open_camera(graph.node, topics)
