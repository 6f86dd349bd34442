"""From a camera's image to all that is published of it."""

from collections.abc import Sequence
import time
import traceback

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.time import Time
from std_msgs.msg import Header

from posenet_ros.drawing import draw_poses
from posenet_ros.errors import PosenetError
from posenet_ros.estimator import PoseEstimator
from posenet_ros.poses import Pose
from posenet_ros.ros.camera import Camera, ImageMessage
from posenet_ros.ros.camera_statistics import stamp_latency
from posenet_ros.ros.parameters import ImageSettings, LiveSettings


class Pipeline:
    """Answers images, one at a time, in whichever thread calls it."""

    def __init__(self, node: Node, estimator: PoseEstimator, settings: LiveSettings) -> None:
        """Take the node that logs and tells the time, what does the work, and by what settings."""
        self._node = node
        self.estimator = estimator
        self._settings = settings

    def answer(self, camera: Camera, message: ImageMessage) -> None:
        """Publish what is found in an image; one that fails is counted and complained of."""
        settings = self._settings.now
        try:
            image = camera.read(message)
            poses = self.estimator.estimate(image, settings.poses)
            height, width = image.shape[:2]
            camera.publish_poses(poses, message.header, (height, width))
        except Exception as error:  # one image must not end the work on all cameras
            self._complain(camera, 'image dropped', error)
            return
        latency = self._latency(message)
        camera.statistics.processed(time.monotonic(), latency=latency, people=len(poses))
        try:
            self._show(camera, image, poses, message.header, settings)
        except Exception as error:  # the poses are out
            camera.complain(f'markers or annotated image not published: {error}')

    def _show(
        self,
        camera: Camera,
        image: NDArray[np.uint8],
        poses: Sequence[Pose],
        header: Header,
        settings: ImageSettings,
    ) -> None:
        """Publish what is there to be looked at."""
        output = settings.output
        camera.publish_markers(
            poses, header, distance=output.marker_distance, drawing=settings.drawing
        )
        if output.annotated_image and camera.annotated_is_wanted:
            seen = self.estimator.as_seen(image, settings.poses)
            drawn = draw_poses(seen, poses, settings.drawing)
            camera.publish_annotated(drawn, header, jpeg_quality=output.jpeg_quality)

    def _complain(self, camera: Camera, what: str, error: Exception) -> None:
        """Count and log an error; one that nobody thought of with its traceback."""
        if not self._node.context.ok():
            return  # shut down while an image was worked on
        camera.statistics.refused(str(error) or repr(error))
        expected = isinstance(error, PosenetError)
        camera.complain(f'{what}: {error if expected else traceback.format_exc()}')

    def _latency(self, message: ImageMessage) -> float | None:
        """Return the seconds since an image's stamp, on the node's clock, where that tells."""
        stamp = Time.from_msg(message.header.stamp).nanoseconds
        return stamp_latency(stamp, self._node.get_clock().now().nanoseconds)
