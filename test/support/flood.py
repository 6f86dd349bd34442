"""The flood: two cameras of one posenet_node, with good and broken images in rounds."""

from collections.abc import Callable
import random
import time
from typing import Any

from flood_images import ALL_KINDS, BROKEN, broken, broken_compressed, good, good_compressed
from lifecycle_msgs.msg import Transition
from node_services import change_state, set_parameters
import numpy as np
from numpy.typing import NDArray
from ros_graph import Graph, Program
from sensor_msgs.msg import CompressedImage, Image
from visualization_msgs.msg import MarkerArray

from posenet_ros.msg import PoseArray
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

# Values that are accepted; the largest inputs occur in the first round.
GOOD: dict[str, list[Any]] = {
    'decoding_method': ['multi_person', 'single_person'],
    'image_scale_factor': [0.2, 0.5, 1.0],
    'input_size': ['', '', '129x161', '257x257'],
    'flip_horizontal': [False, True],
    'max_pose_detections': [1, 5, 20],
    'score_threshold': [0.05, 0.5, 0.9],
    'min_pose_score': [0.0, 0.15, 0.9],
    'nms_radius': [1.0, 20.0],
    'max_image_pixels': [1_000_000, 36_000_000],
    'attention': ['whole_image', 'closer_look', 'closer_look'],
    'search_interval': [0.0, 1.0],
    'max_regions': [1, 10],
    'region_size': [33, 257],
    'tracking': [True, True, False],
    'smoothing': [True, False],
    'annotated_image': [True, True, False],
    'jpeg_quality': [10, 80],
    'marker_distance': [1.0, 4.0],
    'draw_min_pose_score': [0.0, 0.15],
    'draw_min_keypoint_score': [0.0, 0.3],
}
REFUSED: dict[str, Any] = {
    'score_threshold': 1.5,
    'nms_radius': float('nan'),
    'input_size': 'wide',
    'max_pose_detections': 'many',
    'model': 'mobilenet_v1_100',
    'image_topics': ['/c/image'],
}
OUTPUTS = [
    (kind, f'/{camera}/{topic}', qos)
    for camera in 'ab'
    for kind, topic, qos in (
        (PoseArray, 'poses_smoothed', POSES_QOS),
        (MarkerArray, 'pose_markers', POSES_QOS),
        (Image, 'image_annotated', IMAGE_QOS),
        (CompressedImage, 'image_annotated/compressed', IMAGE_QOS),
    )
]


class Camera:
    """A camera of the flood, and the stamps of all poses that it received."""

    def __init__(
        self, graph: Graph, name: str, kind: type, make_good: Any, make_broken: Any
    ) -> None:
        # Reliable, because images that the middleware loses say nothing about the node.
        self.topic = f'/{name}/image' + ('/compressed' if kind is CompressedImage else '')
        self._publisher = graph.node.create_publisher(kind, self.topic, POSES_QOS)
        self._make_good, self._make_broken = make_good, make_broken
        #: Numbers of the good images whose poses arrived, except 0.
        self.processed: list[int] = []
        self.processed_zero = self.processed_broken = 0
        graph.node.create_subscription(PoseArray, f'/{name}/poses', self._remember, POSES_QOS)

    @property
    def has_node(self) -> bool:
        """Whether the node subscribes to the images."""
        return bool(self._publisher.get_subscription_count())

    def publish_good(self, picture: NDArray[np.uint8], number: int) -> None:
        """Publish a good image with a number for its stamp."""
        self._publisher.publish(self._make_good(picture, number))

    def publish_broken(self, picture: NDArray[np.uint8], choice: random.Random) -> None:
        """Publish some broken images."""
        for _ in range(choice.randrange(6)):
            self._publisher.publish(self._make_broken(picture, choice))

    def _remember(self, message: PoseArray) -> None:
        stamp = message.header.stamp
        if stamp.nanosec == BROKEN:
            self.processed_broken += 1
        elif stamp.sec:
            self.processed.append(stamp.sec)
        else:
            self.processed_zero += 1


class Flood:
    """Sends images to the node and changes its parameters, states and subscribers, in rounds."""

    def __init__(self, graph: Graph, picture: NDArray[np.uint8], *, seed: int = 0) -> None:
        self.graph, self.picture = graph, picture
        self.choice = random.Random(seed)
        self.cameras = [
            Camera(graph, 'a', Image, good, broken),
            Camera(graph, 'b', CompressedImage, good_compressed, broken_compressed),
        ]
        self._subscriptions: dict[str, Any] = {}
        self.rounds = 0
        self.transitions = 0
        #: Seconds between the last good images and their poses.
        self.last_delay = 0.0

    def start(self) -> Program:
        """Start the node and wait until it publishes poses."""
        topics = [camera.topic for camera in self.cameras]
        reliable = [
            f'qos_overrides.{topic}.subscription.reliability:=reliable' for topic in topics
        ]
        settings = [f'image_topics:=[{", ".join(topics)}]', 'image_scale_factor:=1.0', *reliable]
        arguments = [word for setting in settings for word in ('-p', setting)]
        node = self.graph.start_posenet(*arguments)
        self.wait_for_the_node()
        return node

    def wait_for_the_node(self) -> None:
        """Send images with number 0 until poses arrive for all cameras."""
        for camera in self.cameras:
            self._wait_for_poses_of(camera)

    def _wait_for_poses_of(self, camera: Camera) -> None:
        before = camera.processed_zero
        self.graph.wait_until(lambda: camera.has_node, f'subscriber of {camera.topic}')
        self.graph.wait_until(
            lambda: camera.processed_zero > before,
            f'poses for {camera.topic}',
            lambda: camera.publish_good(self.picture, 0),
        )

    def next_round(self) -> None:
        """Change something, send broken images and then a good one, and wait for its poses."""
        self.rounds += 1
        self._change()
        for camera in self.cameras:
            camera.publish_broken(self.picture, self.choice)
            camera.publish_good(self.picture, self.rounds)
        start = time.monotonic()
        self.graph.wait_until(
            lambda: all(self.rounds in camera.processed[-1:] for camera in self.cameras),
            f'the poses of good image {self.rounds}',
        )
        self.last_delay = round(time.monotonic() - start, 2)

    def _change(self) -> None:
        """Sometimes change parameters, subscribers or the lifecycle state."""
        chances: list[tuple[float, Callable[[], None]]] = [
            (0.2, self._set_parameters),
            (0.2, self._refuse_parameters),
            (0.3, self._toggle_subscriber),
            (0.04, self._change_state),
        ]
        for chance, change in chances:
            # Only after all kinds of images have been processed with the largest input.
            if self.rounds > ALL_KINDS and self.choice.random() < chance:
                change()

    def _set_parameters(self) -> None:
        names = self.choice.sample(list(GOOD), self.choice.randrange(1, 4))
        values = {name: self.choice.choice(GOOD[name]) for name in names}
        assert set_parameters(self.graph, **values).successful

    def _refuse_parameters(self) -> None:
        name = self.choice.choice(list(REFUSED))
        values = {'jpeg_quality': 50, name: REFUSED[name]}
        result = set_parameters(self.graph, **values)
        assert not result.successful
        assert result.reason

    def _toggle_subscriber(self) -> None:
        kind, topic, qos = self.choice.choice(OUTPUTS)
        subscription = self._subscriptions.pop(topic, None)
        if subscription is None:
            self._subscriptions[topic] = self.graph.node.create_subscription(
                kind, topic, lambda _: None, qos
            )
        else:
            self.graph.node.destroy_subscription(subscription)

    def _change_state(self) -> None:
        self.transitions += 1
        down, up = [Transition.TRANSITION_DEACTIVATE], [Transition.TRANSITION_ACTIVATE]
        if self.choice.random() < 0.3:
            down.append(Transition.TRANSITION_CLEANUP)
            up.insert(0, Transition.TRANSITION_CONFIGURE)
        for transition in [*down, *up]:
            assert change_state(self.graph, transition)
        self.wait_for_the_node()
