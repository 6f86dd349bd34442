"""The node: images of all cameras through one estimator."""

import threading
import traceback
from typing import Any

from rclpy.exceptions import NameValidationException
from rclpy.node import Node
from rclpy.validate_topic_name import validate_topic_name
from sensor_msgs.msg import Image

from posenet_ros.drawing import draw_poses
from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.estimator import load_network, PoseEstimator
from posenet_ros.ros.camera import Camera
from posenet_ros.ros.image_conversion import to_rgb
from posenet_ros.ros.newest_queue import NewestQueue
from posenet_ros.ros.parameters import declare, follow, TopicSettings
from posenet_ros.ros.topics import CameraTopics, check_topics_differ, topics_beside
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
        self._estimator = PoseEstimator(load_network(model), poses)
        follow(self, [poses, self._drawing], self._change)

        self._newest: NewestQueue[Camera, Image] = NewestQueue()
        self._cameras = self._open(cameras)
        self._announce()
        # Last, and a daemon: a signal before the node is whole must not leave it behind.
        self._worker = threading.Thread(target=self._work, name='posenet', daemon=True)
        self._worker.start()

    def destroy_node(self) -> None:
        """Finish the image that is worked on, drop the others, and close the node."""
        self._newest.close()
        self._worker.join()
        super().destroy_node()

    def _open(self, cameras: list[CameraTopics]) -> list[Camera]:
        """Open the topics of all cameras, when none of them is in another's way."""
        for camera in cameras:
            try:
                validate_topic_name(camera.image)
            except NameValidationException as error:
                reason = str(error).partition('\n')[0]
                raise SettingError(
                    f'image_topics {camera.image!r} is refused by ROS: {reason}'
                ) from error
        check_topics_differ({camera: camera.resolved(self) for camera in cameras})
        return [Camera(self, camera, self._newest.put) for camera in cameras]

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
                if not self.context.ok():
                    return  # shut down while an image was worked on
                # One image, or one error of ours, must not end the work on all cameras.
                self.get_logger().error(
                    f'{camera.name}: image dropped: {traceback.format_exc()}',
                    throttle_duration_sec=_THROTTLE,
                )

    def _process(self, camera: Camera, message: Image) -> None:
        image = to_rgb(message)
        poses = self._estimator.estimate(image)
        height, width = image.shape[:2]
        camera.publish_poses(poses, message.header, (height, width))
        if camera.annotated_is_wanted:
            seen = self._estimator.as_seen(image)
            camera.publish_annotated(draw_poses(seen, poses, self._drawing), message.header)

    def _announce(self) -> None:
        network = self._estimator.network
        self.get_logger().info(
            f'{network.model}, output stride {network.output_stride}, '
            f'on {network.execution_provider}'
        )
        for camera in self._cameras:
            self.get_logger().info(f'{camera.name} -> {camera.poses_topic}')
