"""The node: images of all cameras through one estimator."""

import traceback
from typing import Any

from rclpy.exceptions import NameValidationException
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.validate_topic_name import validate_topic_name
from sensor_msgs.msg import Image

from posenet_ros.drawing import draw_poses
from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.estimator import load_network, PoseEstimator
from posenet_ros.ros.camera import Camera
from posenet_ros.ros.image_conversion import to_rgb
from posenet_ros.ros.parameters import declare, follow, NodeSettings
from posenet_ros.ros.topics import CameraTopics, check_topics_differ, topics_beside
from posenet_ros.ros.worker import Worker
from posenet_ros.settings import DrawingSettings, Group, ModelSettings, PoseSettings

# Seconds between two warnings of one kind.
_THROTTLE = 5.0


class PosenetNode(LifecycleNode):
    """
    Finds people in the images of one or more cameras: a managed node.

    Configuring loads the model and opens the outputs, activating takes images, deactivating lets
    go of them and keeps the model, cleaning up frees it. With `autostart` it goes to active by
    itself.

    Two threads: the executor's receives images and puts each in its camera's place, where a newer
    one replaces it; the worker's takes them from there, runs the network and publishes.
    """

    def __init__(self, **options: Any) -> None:
        """
        Read the parameters and, with autostart, configure and activate.

        Raises SettingError for a parameter that is not allowed. A model that cannot be loaded
        leaves the node unconfigured, after one line that says why.
        """
        super().__init__('posenet', **options)
        node = declare(self, NodeSettings)
        self._model = declare(self, ModelSettings)
        self._poses = declare(self, PoseSettings, changeable=True)
        self._drawing = declare(self, DrawingSettings, changeable=True)
        self._lazy = node.lazy
        self._topics = self._check([topics_beside(image) for image in node.image_topics])
        self._estimator: PoseEstimator | None = None
        self._cameras: list[Camera] = []
        self._worker: Worker[Camera, Image] | None = None
        follow(self, [self._poses, self._drawing], self._change)
        if node.autostart and self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model and open the outputs."""
        try:
            network = load_network(self._model)
        except PosenetError as error:
            self.get_logger().error(
                f'not configured: {error}; then run: '
                f'ros2 lifecycle set {self.get_fully_qualified_name()} configure'
            )
            return TransitionCallbackReturn.FAILURE
        self._estimator = PoseEstimator(network, self._poses)
        self._cameras = [Camera(self, topics) for topics in self._topics]
        self.get_logger().info(
            f'{network.model}, output stride {network.output_stride}, '
            f'on {network.execution_provider}'
        )
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take images."""
        self._worker = Worker(self._work)
        for camera in self._cameras:
            camera.start(self._receive)
            self.get_logger().info(f'{camera.name} -> {camera.poses_topic}')
        return TransitionCallbackReturn.SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take no more images; the model stays."""
        self._stop()
        return TransitionCallbackReturn.SUCCESS

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and close the outputs."""
        self._stop()
        for camera in self._cameras:
            camera.close()
        self._cameras = []
        self._estimator = None
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything."""
        return self.on_cleanup(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go back to unconfigured, from where it can be tried again."""
        return self.on_cleanup(state)

    def destroy_node(self) -> None:
        """Finish the image that is worked on, drop the others, and close the node."""
        self._stop()
        super().destroy_node()

    def _check(self, cameras: list[CameraTopics]) -> list[CameraTopics]:
        """Return the topics of all cameras, when none of them is in another's way."""
        for camera in cameras:
            try:
                validate_topic_name(camera.image)
            except NameValidationException as error:
                reason = str(error).partition('\n')[0]
                raise SettingError(
                    f'image_topics {camera.image!r} is refused by ROS: {reason}'
                ) from error
        check_topics_differ({camera: camera.resolved(self) for camera in cameras})
        return cameras

    def _change(self, group: Group) -> None:
        """Take over settings that were set at run time, for the next image."""
        if isinstance(group, PoseSettings):
            self._poses = group
            if self._estimator is not None:
                self._estimator.settings = group
        elif isinstance(group, DrawingSettings):
            self._drawing = group

    def _stop(self) -> None:
        for camera in self._cameras:
            camera.stop()
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def _receive(self, camera: Camera, message: Image) -> None:
        """Hand an image to the worker, in the executor's thread."""
        if self._worker is not None and (camera.is_wanted or not self._lazy):
            self._worker.put(camera, message)

    def _work(self, camera: Camera, message: Image) -> None:
        """Answer an image, in the worker's thread."""
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
        estimator = self._estimator
        if estimator is None:
            return
        image = to_rgb(message)
        poses = estimator.estimate(image)
        height, width = image.shape[:2]
        camera.publish_poses(poses, message.header, (height, width))
        if self._drawing.annotated_image and camera.annotated_is_wanted:
            drawn = draw_poses(estimator.as_seen(image), poses, self._drawing)
            camera.publish_annotated(drawn, message.header)
