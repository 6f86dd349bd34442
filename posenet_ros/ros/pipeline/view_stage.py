"""The third stage: publish markers and annotated images for people to view."""

from sensor_msgs.msg import CameraInfo

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.ros.conversions.calibration import calibration_fault
from posenet_ros.ros.conversions.markers import to_markers
from posenet_ros.ros.conversions.plane_projection import projection_of
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, PublishedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors


class ViewStage:
    """Publishes markers and annotated images for images whose poses have been published."""

    def __init__(self, estimator: PoseEstimator, errors: ImageErrors) -> None:
        """Connect the stage to its estimator and to the handling of errors."""
        self._estimator = estimator
        self._errors = errors
        # The fault of its calibration that was logged last for each camera.
        self._faults: dict[Camera, str] = {}

    def process(self, camera: Camera, published: PublishedImage) -> None:
        """Publish the markers and the annotated image of one image, if subscribed to."""
        try:
            if camera.outputs.markers_have_subscribers:
                self._publish_markers(camera, published)
            if _is_annotated(camera, published.image):
                self._publish_annotated_image(camera, published)
        except Exception as error:  # the poses have already been published
            self._errors.warn(camera, 'markers or annotated image not published', error)

    def _publish_markers(self, camera: Camera, published: PublishedImage) -> None:
        image, settings = published.image, published.image.settings
        self._check_calibration(camera, image.camera_info)
        projection = projection_of(
            image.size,
            distance=settings.output.marker_distance,
            camera_info=image.camera_info,
            rectified=camera.topics.resolved.rectified,
        )
        markers = to_markers(
            published.poses,
            image.header,
            projection=projection,
            settings=settings.drawing,
            tracked=settings.tracking.tracking,
        )
        camera.outputs.publish_markers(markers)

    def _check_calibration(self, camera: Camera, info: CameraInfo | None) -> None:
        """Warn once about a fault of a calibration."""
        rectified = camera.topics.resolved.rectified
        fault = None if info is None else calibration_fault(info, rectified=rectified)
        if fault is None or fault == self._faults.get(camera):
            return
        if self._errors.warn_about(
            camera, f'camera_info is ignored: {fault}; calibrate the camera'
        ):
            self._faults[camera] = fault

    def _publish_annotated_image(self, camera: Camera, published: PublishedImage) -> None:
        image, settings = published.image, published.image.settings
        seen = self._estimator.mirrored_as_poses(image.pixels, settings.poses)
        camera.outputs.publish_annotated_image(
            draw_poses(
                seen, published.poses, settings.drawing, tracked=settings.tracking.tracking
            ),
            image.header,
            jpeg_quality=settings.output.jpeg_quality,
        )


def has_viewers(camera: Camera, image: ConvertedImage) -> bool:
    """Tell whether somebody subscribes to the markers or the annotated image of an image."""
    return camera.outputs.markers_have_subscribers or _is_annotated(camera, image)


def _is_annotated(camera: Camera, image: ConvertedImage) -> bool:
    return image.settings.output.annotated_image and camera.outputs.annotated_image_has_subscribers
