"""Handling of errors in the pipeline: the image is counted, and a warning gives the reason."""

from rclpy.node import Node

from posenet_ros.errors import PosenetError
from posenet_ros.ros.log_text import reason_of, traceback_of
from posenet_ros.ros.pipeline.camera import Camera


class ImageErrors:
    """Counts and logs images that could not be processed, until the pipeline stops."""

    def __init__(self, node: Node) -> None:
        """Log to `node`."""
        self._node = node
        self._stopping = False

    def stop(self) -> None:
        """Ignore errors from now on: they come from images that were interrupted."""
        self._stopping = True

    def refuse(self, camera: Camera, error: Exception) -> None:
        """Count an image of a camera as refused, and log the reason."""
        if not self._is_over():
            camera.statistics.refused(reason_of(error))
        self.warn(camera, 'image dropped', error)

    def warn(self, camera: Camera, consequence: str, error: Exception) -> None:
        """Log an error that is being handled; with a traceback if it is unexpected."""
        if not self._is_over():
            expected = isinstance(error, PosenetError)
            reason = reason_of(error) if expected else traceback_of(error)
            camera.warn(self._node, f'{consequence}: {reason}')

    def warn_about(self, camera: Camera, message: str) -> bool:
        """Log a warning that is no error; returns whether it was logged."""
        return not self._is_over() and camera.warn(self._node, message)

    def report(self, error: Exception) -> None:
        """Log the traceback of an exception that no step handled."""
        if not self._is_over():
            self._node.get_logger().error(
                f'an image was not processed completely: {traceback_of(error)}',
                throttle_duration_sec=5.0,
            )

    def _is_over(self) -> bool:
        return self._stopping or not self._node.context.ok()
