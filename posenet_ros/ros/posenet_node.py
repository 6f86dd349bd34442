"""The node: images of all cameras through one estimator."""

import threading
from typing import Any

from rclpy.node import Node
from sensor_msgs.msg import Image

from posenet_ros.drawing import draw_poses
from posenet_ros.errors import PosenetError
from posenet_ros.estimator import load_network, PoseEstimator
from posenet_ros.ros.camera import Camera
from posenet_ros.ros.image_conversion import to_rgb
from posenet_ros.ros.newest_queue import NewestQueue
from posenet_ros.ros.parameters import declare, follow, TopicSettings
from posenet_ros.ros.topics import check_outputs_differ, topics_beside
from posenet_ros.settings import DrawingSettings, Group, ModelSettings, PoseSettings

# Seconds between two warnings of one kind.
_THROTTLE = 5.0


class PosenetNode(Node):
    """
    Finds people in the images of one or more cameras.

    Two threads: the executor's receives images and puts each in its camera's place, where a newer
    one replaces it; the node's own takes them from there, runs the network and publishes.
    """

    def __init__(self, **options: Any) -> None:
        """
        Read the parameters, load the network, open the topics and start.

        Raises SettingError for a parameter that is not allowed, and ModelError when the model
        cannot be loaded.
        """
        super().__init__('posenet', **options)
        topics = declare(self, TopicSettings)
        model = declare(self, ModelSettings)
        poses = declare(self, PoseSettings, changeable=True)
        self._drawing = declare(self, DrawingSettings, changeable=True)
        cameras = [topics_beside(image) for image in topics.image_topics]
        check_outputs_differ(
            (camera.image, self.resolve_topic_name(camera.poses)) for camera in cameras
        )
        self._estimator = PoseEstimator(load_network(model), poses)
        follow(self, [poses, self._drawing], self._change)

        self._newest: NewestQueue[Camera, Image] = NewestQueue()
        self._cameras = [Camera(self, camera, self._newest.put) for camera in cameras]
        self._worker = threading.Thread(target=self._work, name='posenet')
        self._worker.start()
        self._announce()

    def destroy_node(self) -> None:
        """Finish the image that is worked on, drop the others, and close the node."""
        self._newest.close()
        self._worker.join()
        super().destroy_node()

    def _change(self, group: Group) -> None:
        """Take over settings that were set at run time, for the next image."""
        if isinstance(group, PoseSettings):
            self._estimator.settings = group
        elif isinstance(group, DrawingSettings):
            self._drawing = group

    def _work(self) -> None:
        while newest := self._newest.take():
            camera, message = newest
            try:
                self._process(camera, message)
            except PosenetError as error:
                self.get_logger().warning(
                    f'{camera.name}: image dropped: {error}', throttle_duration_sec=_THROTTLE
                )
            except Exception:
                if self.context.ok():
                    raise
                return  # the context was shut down while an image was worked on

    def _process(self, camera: Camera, message: Image) -> None:
        image = to_rgb(message)
        poses = self._estimator.estimate(image)
        height, width = image.shape[:2]
        camera.publish_poses(poses, message.header, (height, width))
        if camera.annotated_is_wanted:
            camera.publish_annotated(draw_poses(image, poses, self._drawing), message.header)

    def _announce(self) -> None:
        network = self._estimator.network
        self.get_logger().info(
            f'{network.model}, output stride {network.output_stride}, '
            f'on {network.execution_provider}'
        )
        for camera in self._cameras:
            self.get_logger().info(f'{camera.name} -> {camera.poses_topic}')
