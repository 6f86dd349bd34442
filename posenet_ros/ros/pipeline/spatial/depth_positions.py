"""Where people are by the depth image of their image, and what is wrong if there is none."""

from collections.abc import Callable, Iterator
from dataclasses import replace
import time

from posenet_ros.errors import CalibrationError, DepthError
from posenet_ros.quoting import quoted
from posenet_ros.ros.conversions.depth_images import DepthMessage, to_depth_image
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, UnlocatedImage
from posenet_ros.ros.pipeline.spatial.camera_calibration import calibrated_model
from posenet_ros.ros.pipeline.spatial.depth_buffer import Miss
from posenet_ros.spatial.lens import ignored_distortion
from posenet_ros.spatial.positions import locate, Pose3D

# Seconds without depth for any image after which that is logged: some images have none at the
# start, and when a recording starts again.
_PATIENCE = 5.0
# The number of different warnings that are logged about one camera.
_MAX_WARNINGS = 20


class DepthPositions:
    """Locates the people in the images of one camera by depth."""

    def __init__(
        self,
        warn: Callable[[Camera, str], bool],
        *,
        max_wait: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Wait for depth until `max_wait` seconds after the poses were published.

        `warn` logs a warning about the camera, and returns whether it was logged. `clock` is the
        one by which the poses were published.
        """
        self._warn = warn
        self._max_wait = max_wait
        self._clock = clock
        # Since when images have had no depth image, and whether that was logged.
        self._missing_since: float | None = None
        self._missing_was_logged = False
        # The last fault of messages that was logged, and all warnings.
        self._fault: str | None = None
        self._warned: set[str] = set()

    def locate(self, camera: Camera, unlocated_image: UnlocatedImage) -> 'list[Pose3D] | Miss':
        """Return the poses with their positions, or why there are none."""
        image = unlocated_image.image
        assert image.depth is not None
        wait = unlocated_image.published + self._max_wait - self._clock()
        message = image.depth.wait(wait)
        if isinstance(message, Miss):
            return self._name_topic(camera, message)
        self.reset_missing()
        for warning in _warnings(camera, image, message):
            self._warn_once(camera, warning)
        try:
            model = calibrated_model(camera, image)
            max_pixels = image.settings.poses.max_image_pixels
            depth = to_depth_image(message, image.size, max_pixels=max_pixels)
        except CalibrationError as error:
            return self._refuse(camera, Miss('camera not calibrated', str(error)))
        except DepthError as error:
            return self._refuse(camera, Miss('depth image refused', str(error)))
        self._fault = None
        return locate(unlocated_image.poses, depth, model)

    def reset_missing(self) -> None:
        """Forget since when images have had no depth: depth was found, or nobody needs it."""
        self._missing_since, self._missing_was_logged = None, False

    def _name_topic(self, camera: Camera, miss: Miss) -> Miss:
        """Return a miss that names the depth topic; log it once if there is no depth for long."""
        named = replace(miss, detail=f'{camera.topics.resolved.depth}: {miss.detail}')
        now = self._clock()
        if self._missing_since is None:
            self._missing_since = now
        elif now - self._missing_since >= _PATIENCE and not self._missing_was_logged:
            seconds = f'{now - self._missing_since:.0f} s'
            self._missing_was_logged = self._warn(
                camera, f'no positions in metres for {seconds}: {named.detail}'
            )
        return named

    def _refuse(self, camera: Camera, miss: Miss) -> Miss:
        """Return a miss that does not go away by itself; log it once."""
        if miss.detail != self._fault and self._warn(
            camera, f'no positions in metres: {miss.detail}'
        ):
            self._fault = miss.detail
        return miss

    def _warn_once(self, camera: Camera, warning: str) -> None:
        known = warning in self._warned or len(self._warned) == _MAX_WARNINGS
        if not known and self._warn(camera, warning):
            self._warned.add(warning)


def _warnings(camera: Camera, image: ConvertedImage, depth: DepthMessage) -> Iterator[str]:
    """Return what may make the positions in an image wrong."""
    frames = image.header.frame_id, depth.header.frame_id
    if frames[0] != frames[1]:
        yield (
            f'the frame_id of the depth images is {quoted(frames[1])}, but that of the images is '
            f'{quoted(frames[0])}: positions are wrong unless depth is registered to the images'
        )
    info = image.camera_info
    if info is not None and not camera.topics.resolved.rectified:
        ignored = ignored_distortion(info.distortion_model, info.d)
        if ignored:
            yield f'positions ignore the distortion of the lens: {ignored}'
