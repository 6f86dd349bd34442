"""The third stage: publish markers, annotated images and annotations for people to view."""

from collections.abc import Callable

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.drawing.image_annotations import image_annotations
from posenet_ros.errors import CalibrationError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.ros.conversions.annotation_messages import to_image_annotations
from posenet_ros.ros.conversions.camera_infos import to_camera_model
from posenet_ros.ros.conversions.markers import to_markers
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, PublishedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.spatial.camera_model import CameraModel, uncalibrated_camera
from posenet_ros.spatial.plane_projection import PlaneProjection


class ViewStage:
    """Publishes the views of images whose poses have been published."""

    def __init__(self, estimator: PoseEstimator, errors: ImageErrors) -> None:
        """Connect the stage to its estimator and to the handling of errors."""
        self._estimator = estimator
        self._errors = errors
        # The fault of its calibration that was logged last for each camera.
        self._faults: dict[Camera, str] = {}

    def process(self, camera: Camera, published: PublishedImage) -> None:
        """Publish those views of one image that somebody subscribes to."""
        if camera.outputs.markers_have_subscribers:
            self._attempt('markers', self._publish_markers, camera, published)
        if _is_annotated(camera, published.image):
            self._attempt('annotated image', self._publish_annotated_image, camera, published)
        if camera.outputs.annotations_have_subscribers:
            self._attempt('annotations', _publish_annotations, camera, published)

    def _attempt(
        self,
        name: str,
        publish: Callable[[Camera, PublishedImage], None],
        camera: Camera,
        published: PublishedImage,
    ) -> None:
        """Publish one view; an error does not affect the other views."""
        try:
            publish(camera, published)
        except Exception as error:  # the poses have already been published
            self._errors.warn(camera, f'{name} not published', error)

    def _publish_markers(self, camera: Camera, published: PublishedImage) -> None:
        image, settings = published.image, published.image.settings
        projection = PlaneProjection(
            self._camera_model(camera, image), settings.output.marker_distance
        )
        markers = to_markers(
            published.poses,
            image.header,
            projection=projection,
            settings=settings.drawing,
            tracked=settings.tracking.tracking,
            positions=published.positions,
        )
        camera.outputs.publish_markers(markers)

    def _camera_model(self, camera: Camera, image: ConvertedImage) -> CameraModel:
        """Return the model of a camera; warn once about a calibration that cannot be used."""
        rectified = camera.topics.resolved.rectified
        try:
            model = to_camera_model(image.camera_info, image.size, rectified=rectified)
            return model or uncalibrated_camera(image.size)
        except CalibrationError as error:
            fault = str(error)
        if fault != self._faults.get(camera) and self._errors.warn_about(
            camera, f'camera_info is ignored: {fault}'
        ):
            self._faults[camera] = fault
        return uncalibrated_camera(image.size)

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
    """Tell whether somebody subscribes to a view of an image."""
    return (
        camera.outputs.markers_have_subscribers
        or camera.outputs.annotations_have_subscribers
        or _is_annotated(camera, image)
    )


def _publish_annotations(camera: Camera, published: PublishedImage) -> None:
    """Publish annotations, which Foxglove draws onto the image as the camera sends it."""
    image, settings = published.image, published.image.settings
    poses = published.poses
    if settings.poses.flip_horizontal:
        poses = [pose.mirrored(image.size[1]) for pose in poses]
    annotations = image_annotations(
        poses, image.size, settings.drawing, tracked=settings.tracking.tracking
    )
    camera.outputs.publish_annotations(to_image_annotations(annotations, image.header))


def _is_annotated(camera: Camera, image: ConvertedImage) -> bool:
    return image.settings.output.annotated_image and camera.outputs.annotated_image_has_subscribers
