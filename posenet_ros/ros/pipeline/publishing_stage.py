"""The second stage: decode the outputs of the network, and publish the poses."""

from collections.abc import Callable
import time

from rclpy.clock import Clock
from std_msgs.msg import Header

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.poses import Pose
from posenet_ros.ros.conversions.pose_arrays import to_pose_array
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import InferredImage, PublishedImage
from posenet_ros.ros.pipeline.camera_statistics import stamp_latency
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.view_stage import has_viewers


class PublishingStage:
    """Publishes one PoseArray for each inferred image, while the next one is inferred."""

    def __init__(
        self,
        estimator: PoseEstimator,
        clock: Clock,
        submit: Callable[[Camera, PublishedImage], object],
        errors: ImageErrors,
    ) -> None:
        """Measure latency with `clock`; `submit` passes an image to the view stage."""
        self._estimator = estimator
        self._clock = clock
        self._submit = submit
        self._errors = errors

    def process(self, camera: Camera, inferred_image: InferredImage) -> None:
        """Decode one image and publish its poses; submit it if anyone subscribes to a view."""
        image, inferred = inferred_image.image, inferred_image.inferred
        try:
            poses = self._estimator.decode(inferred, image.settings.poses)
            camera.outputs.publish_poses(to_pose_array(poses, image.header, image.size))
        except Exception as error:  # one image must not stop all cameras
            self._errors.refuse(camera, error)
            return
        self._count(camera, inferred_image, poses)
        if has_viewers(camera, image):
            self._submit(camera, PublishedImage(image, poses))

    def _count(self, camera: Camera, inferred_image: InferredImage, poses: list[Pose]) -> None:
        camera.statistics.processed(
            time.monotonic(),
            latency=self._latency(inferred_image.image.header),
            people=len(poses),
            input_size=inferred_image.inferred.framing.input_size,
        )

    def _latency(self, header: Header) -> float | None:
        """Return the seconds since an image's stamp on the node's clock; None if unknown."""
        # rclpy's Time.from_msg would raise an exception for a negative stamp.
        stamp = header.stamp.sec * 10**9 + header.stamp.nanosec
        return stamp_latency(stamp, self._clock.now().nanoseconds)
