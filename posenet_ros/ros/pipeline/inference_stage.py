"""The first stage: convert images, frame them and run the network on them."""

from collections.abc import Callable

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.framing.framing import Size
from posenet_ros.ros.conversions.compressed_images import compressed_to_rgb
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, InferredImage, ReceivedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings

Batch = list[tuple[Camera, ReceivedImage]]
Converted = list[tuple[Camera, ConvertedImage]]


class InferenceStage:
    """Processes batches of received images; an image that fails does not affect the others."""

    def __init__(
        self,
        estimator: PoseEstimator,
        settings: Callable[[], ImageSettings],
        submit: Callable[[Camera, InferredImage], bool],
        errors: ImageErrors,
    ) -> None:
        """
        Connect the stage to its estimator and to the next stage.

        `settings` returns the current settings; they apply to the images that are converted next.
        `submit` passes an image to the next stage, and returns whether it replaced a waiting one.
        """
        self._estimator = estimator
        self._settings = settings
        self._submit = submit
        self._errors = errors

    def process(self, batch: Batch) -> None:
        """Convert images of different cameras, and infer all images of one size together."""
        settings = self._settings()
        by_size: dict[Size, Converted] = {}
        for camera, received in batch:
            image = self._convert(camera, received, settings)
            if image is not None:
                by_size.setdefault(image.size, []).append((camera, image))
        for images in by_size.values():
            self._infer(images)

    def _convert(
        self, camera: Camera, received: ReceivedImage, settings: ImageSettings
    ) -> ConvertedImage | None:
        """Return the converted image; if that fails, count and log the error, and return None."""
        convert = compressed_to_rgb if camera.topics.compressed else to_rgb
        message = received.message
        try:
            pixels = convert(message, max_pixels=settings.poses.max_image_pixels)
            return ConvertedImage(
                message.header, pixels, received.camera_info, settings, received.received
            )
        except Exception as error:  # one image must not stop all cameras
            self._errors.refuse(camera, error)
            return None

    def _infer(self, images: Converted) -> None:
        """Run the network on images of one size, and submit its outputs for each image."""
        settings = images[0][1].settings.poses
        try:
            inferred = self._estimator.infer([image.pixels for _, image in images], settings)
        except Exception as error:  # as above
            for camera, _ in images:
                self._errors.refuse(camera, error)
            return
        for (camera, image), given in zip(images, inferred, strict=True):
            self._pass_on(camera, InferredImage(image, given))

    def _pass_on(self, camera: Camera, image: InferredImage) -> None:
        try:
            if self._submit(camera, image):
                camera.statistics.replaced()
        except Exception as error:  # as above
            self._errors.refuse(camera, error)
