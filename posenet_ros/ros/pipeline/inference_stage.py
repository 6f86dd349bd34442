"""The first stage: convert images, frame them and run the network on them or their regions."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.attention.observation import CameraImage, Observation, ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.estimation.estimator import Inferred, PoseEstimator
from posenet_ros.framing.framing import Size
from posenet_ros.messages.compressed_images import compressed_to_rgb
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, InferredImage, ReceivedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings
from posenet_ros.settings import PoseSettings

Batch = list[tuple[Camera, ReceivedImage]]
Converted = list[tuple[Camera, ConvertedImage]]


class InferenceStage:
    """
    Processes batches of received images; an image that fails does not affect the others.

    With the setting `attention: closer_look`, it knows where people are in the images of each
    camera, from one activation of the node to its deactivation. It forgets them if the settings of
    poses change, after images without a closer look, and after an error. Then the next image is
    searched.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        settings: Callable[[], ImageSettings],
        submit: Callable[[Camera, InferredImage], bool],
        errors: ImageErrors,
        *,
        max_batch_size: int,
    ) -> None:
        """
        Connect the stage to its estimator and to the next stage.

        `settings` returns the current settings; they apply to the images that are converted next.
        `submit` passes an image to the next stage, and returns whether it replaced a waiting one.
        One run of the network processes up to `max_batch_size` regions.
        """
        self._estimator = estimator
        self._settings = settings
        self._submit = submit
        self._errors = errors
        self._observer = Observer(estimator, max_batch_size=max_batch_size)
        self._attention: defaultdict[Camera, CameraAttention] = defaultdict(CameraAttention)
        # The settings with which the cameras' attention found people.
        self._attentive: PoseSettings | None = None

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
                message.header,
                pixels,
                received.camera_info,
                settings,
                received.received,
                received.depth,
            )
        except Exception as error:  # one image must not stop all cameras
            self._errors.refuse(camera, error)
            return None

    def _infer(self, images: Converted) -> None:
        """Run the network on images of one size, and submit what it found in each image."""
        try:
            found = self._found(images, images[0][1].settings)
        except Exception as error:  # as above
            for camera, _ in images:
                self._errors.refuse(camera, error)
            return
        for (camera, image), one in zip(images, found, strict=True):
            self._pass_on(camera, InferredImage(image, one))

    def _found(
        self, images: Converted, settings: ImageSettings
    ) -> Sequence[Inferred | Observation]:
        attentive = settings.attention.attention == 'closer_look'
        self._keep_attention(settings.poses if attentive else None)
        if attentive:
            return self._observe(images, settings)
        return self._estimator.infer([image.pixels for _, image in images], settings.poses)

    def _keep_attention(self, settings: PoseSettings | None) -> None:
        """Forget where people are unless they were found with these settings."""
        if settings != self._attentive:
            self._attention.clear()
            self._attentive = settings

    def _observe(self, images: Converted, settings: ImageSettings) -> list[Observation]:
        """Find the people in images of one size with a closer look."""
        seen = [
            CameraImage(
                image.pixels,
                self._attention[camera],
                stamp=image.stamp,
                received=image.received,
            )
            for camera, image in images
        ]
        return self._observer.observe(
            seen, ObservationSettings(settings.poses, settings.attention, settings.tracking)
        )

    def _pass_on(self, camera: Camera, image: InferredImage) -> None:
        try:
            if self._submit(camera, image):
                camera.statistics.replaced()
        except Exception as error:  # as above
            self._errors.refuse(camera, error)
