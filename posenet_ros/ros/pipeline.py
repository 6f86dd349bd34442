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
        settings, output, drawing = self.estimator.settings, self.output, self.drawing
        try:
            image = camera.read(message)
            poses = self.estimator.estimate(image, settings)
            height, width = image.shape[:2]
            camera.publish_poses(poses, message.header, (height, width))
        except Exception as error:  # one image must not end the work on all cameras
            self._complain(camera, 'image dropped', error)
            return
        latency = self._latency(message)
        camera.statistics.processed(time.monotonic(), latency=latency, people=len(poses))
        try:
            camera.publish_markers(
                poses, message.header, distance=output.marker_distance, drawing=drawing
            )
            if output.annotated_image and camera.annotated_is_wanted:
                drawn = draw_poses(self.estimator.as_seen(image, settings), poses, drawing)
                camera.publish_annotated(drawn, message.header, jpeg_quality=output.jpeg_quality)
        except Exception as error:  # the poses are out
            camera.complain(f'markers or annotated image not published: {error}')

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
