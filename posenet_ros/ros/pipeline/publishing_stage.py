"""The second stage: decode the outputs of the network, track people, and publish the poses."""

from collections.abc import Callable
import time

from rclpy.clock import Clock

from posenet_ros import msg
from posenet_ros.attention.observation import Observation
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.messages.pose_arrays import to_pose_array
from posenet_ros.poses import Pose
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import (
    ConvertedImage,
    InferredImage,
    PublishedImage,
    stamp_latency,
    UnlocatedImage,
)
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.view_stage import has_viewers
from posenet_ros.tracking.tracked_camera import TrackedCamera


class PublishingStage:
    """
    Publishes the poses of each inferred image, while the next one is inferred.

    It knows who is who in the images of each camera for as long as it exists: from one activation
    of the node to its deactivation.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        clock: Clock,
        submit: Callable[[Camera, PublishedImage], object],
        errors: ImageErrors,
        *,
        locate: Callable[[Camera, UnlocatedImage], object],
    ) -> None:
        """
        Measure latency with `clock`.

        `submit` passes an image to the view stage. `locate` passes one of a camera with poses_3d
        to its positions stage, which passes it on to the view stage.
        """
        self._estimator = estimator
        self._clock = clock
        self._submit = submit
        self._locate = locate
        self._errors = errors
        self._tracked: dict[Camera, TrackedCamera] = {}

    def process(self, camera: Camera, inferred_image: InferredImage) -> None:
        """Decode one image and publish its poses; submit it if anyone subscribes to a view."""
        image = inferred_image.image
        try:
            poses = self._track(camera, image, self._decode(inferred_image))
            message = to_pose_array(poses, image.header, image.size, types=msg)
            camera.outputs.publish_poses(message)
        except Exception as error:  # one image must not stop all cameras
            self._errors.refuse(camera, error)
            return
        published = time.monotonic()
        self._count(camera, inferred_image, poses, published)
        viewed = has_viewers(camera, image)
        smoothing = image.settings.tracking.smoothing
        smoothed = self._publish_smoothed(camera, image, poses, needed=viewed and smoothing)
        shown = PublishedImage(image, smoothed if smoothing else poses) if viewed else None
        if camera.topics.poses_3d is not None:
            self._locate(camera, UnlocatedImage(image, poses, published, shown))
        elif shown is not None:
            self._submit(camera, shown)

    def _decode(self, image: InferredImage) -> list[Pose]:
        if isinstance(image.found, Observation):
            return image.found.poses
        return self._estimator.decode(image.found, image.image.settings.poses)

    def _track(self, camera: Camera, image: ConvertedImage, poses: list[Pose]) -> list[Pose]:
        """Return the poses with their track ids; if that fails, without."""
        tracked = self._tracked.get(camera)
        if tracked is None:
            tracked = self._tracked[camera] = TrackedCamera()
        try:
            return tracked.track(
                poses,
                stamp=image.stamp,
                received=image.received,
                image_size=image.size,
                settings=image.settings.tracking,
            )
        except Exception as error:  # poses are useful without ids, too
            tracked.forget(poses)
            self._errors.warn(camera, 'poses published without ids; people get new ones', error)
            return poses

    def _publish_smoothed(
        self, camera: Camera, image: ConvertedImage, poses: list[Pose], *, needed: bool
    ) -> list[Pose]:
        """
        Return the published poses smoothed, if `needed` or subscribed to, and publish these, too.

        The poses are already published, so that they do not wait for this.
        """
        subscribed = camera.outputs.smoothed_poses_have_subscribers
        if not (subscribed or needed):
            return poses
        try:
            smoothed = self._tracked[camera].smooth()
            if subscribed:
                message = to_pose_array(smoothed, image.header, image.size, types=msg)
                camera.outputs.publish_smoothed_poses(message)
            return smoothed
        except Exception as error:  # views can show the poses as they are
            self._errors.warn(camera, 'smoothed poses not published', error)
            return poses

    def _count(
        self, camera: Camera, inferred_image: InferredImage, poses: list[Pose], published: float
    ) -> None:
        found = inferred_image.found
        camera.statistics.processed(
            published,
            latency=self._latency(inferred_image.image),
            people=len(poses),
            input_size=inferred_image.input_size,
            closer_look=found.work if isinstance(found, Observation) else None,
        )

    def _latency(self, image: ConvertedImage) -> float | None:
        """Return the seconds since an image's stamp on the node's clock; None if unknown."""
        return stamp_latency(image.nanoseconds, self._clock.now().nanoseconds)
