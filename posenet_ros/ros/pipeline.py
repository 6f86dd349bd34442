"""From a camera's image to all that is published of it."""

import time
import traceback

from rclpy.node import Node
from rclpy.time import Time

from posenet_ros.drawing import draw_poses
from posenet_ros.errors import PosenetError
from posenet_ros.estimator import PoseEstimator
from posenet_ros.ros.camera import Camera, ImageMessage
from posenet_ros.ros.camera_statistics import stamp_latency
from posenet_ros.ros.parameters import OutputSettings
from posenet_ros.settings import DrawingSettings

# Seconds between two warnings of one kind.
_THROTTLE = 5.0


class Pipeline:
    """
    Answers images, one at a time, in whichever thread calls it.

    `output` and `drawing` may be replaced at any time and count from the next image on.
    """

    def __init__(
        self,
        node: Node,
        estimator: PoseEstimator,
        *,
        output: OutputSettings,
        drawing: DrawingSettings,
    ) -> None:
        """Take the node that logs and tells the time, and what does the work."""
        self._node = node
        self.estimator = estimator
        self.output = output
        self.drawing = drawing

    def answer(self, camera: Camera, message: ImageMessage) -> None:
        """Publish what is found in an image; one that fails is counted and complained of."""
        try:
            self._answer(camera, message)
        except PosenetError as error:
            camera.statistics.refused(str(error))
            self._node.get_logger().warning(
                f'{camera.name}: image dropped: {error}', throttle_duration_sec=_THROTTLE
            )
        except Exception as error:
            if not self._node.context.ok():
                return  # shut down while an image was worked on
            # One image, or one error of ours, must not end the work on all cameras.
            camera.statistics.refused(repr(error))
            self._node.get_logger().error(
                f'{camera.name}: image dropped: {traceback.format_exc()}',
                throttle_duration_sec=_THROTTLE,
            )

    def _answer(self, camera: Camera, message: ImageMessage) -> None:
        estimator, output, drawing = self.estimator, self.output, self.drawing
        image = camera.read(message)
        poses = estimator.estimate(image)
        height, width = image.shape[:2]
        camera.publish_poses(poses, message.header, (height, width))
        camera.statistics.processed(
            time.monotonic(), latency=self._latency(message), people=len(poses)
        )
        camera.publish_markers(
            poses, message.header, distance=output.marker_distance, drawing=drawing
        )
        if output.annotated_image and camera.annotated_is_wanted:
            drawn = draw_poses(estimator.as_seen(image), poses, drawing)
            camera.publish_annotated(drawn, message.header, jpeg_quality=output.jpeg_quality)

    def _latency(self, message: ImageMessage) -> float | None:
        """Return the seconds since an image's stamp, on the node's clock, where that tells."""
        stamp = Time.from_msg(message.header.stamp).nanoseconds
        return stamp_latency(stamp, self._node.get_clock().now().nanoseconds)
