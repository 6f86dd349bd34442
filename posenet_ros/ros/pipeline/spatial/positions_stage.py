"""Positions in metres: find the depth of an image, locate the people, and publish poses_3d."""

from collections.abc import Callable, Iterator
from dataclasses import replace
import time

from posenet_ros.errors import CalibrationError, DepthError
from posenet_ros.quoting import quoted
from posenet_ros.ros.conversions.camera_infos import to_camera_model
from posenet_ros.ros.conversions.depth_images import DepthMessage, to_depth_image
from posenet_ros.ros.conversions.pose_3d_arrays import to_pose_3d_array
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import (
    ConvertedImage,
    PublishedImage,
    UnlocatedImage,
)
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.spatial.depth_buffer import Miss
from posenet_ros.spatial.camera_model import CameraModel
from posenet_ros.spatial.lens import ignored_distortion
from posenet_ros.spatial.position_smoothing import PositionSmoother
from posenet_ros.spatial.positions import locate, Pose3D, unlocated
from posenet_ros.tracking.image_times import ImageTimes


class PositionsStage:
    """
    Publishes the positions of the people in each image of one camera, in the order of the images.

    It smooths them for as long as it exists: from one activation of the node to its deactivation.
    """

    def __init__(
        self,
        submit: Callable[[Camera, PublishedImage], object],
        errors: ImageErrors,
        *,
        max_wait: float,
    ) -> None:
        """
        Pass viewed images on with `submit`.

        The depth image is waited for until `max_wait` seconds after the poses were published.
        """
        self._submit = submit
        self._errors = errors
        self._max_wait = max_wait
        self._smoother = PositionSmoother()
        self._times = ImageTimes()
        # The last fault of messages that was logged, and all warnings.
        self._fault: str | None = None
        self._warned: set[str] = set()

    def process(self, camera: Camera, image: UnlocatedImage) -> None:
        """Publish the positions in one image, which are NaN if it has no depth."""
        poses = self._locate(camera, image)
        try:
            poses = self._smooth(image, poses)
            message = to_pose_3d_array(poses, image.image.header, image.image.size)
            camera.outputs.publish_poses_3d(message)
        except Exception as error:  # one image must not stop all cameras
            self._errors.warn(camera, 'poses_3d not published', error)
        if image.viewed is not None:
            self._submit(camera, replace(image.viewed, positions=poses))

    def _locate(self, camera: Camera, image: UnlocatedImage) -> list[Pose3D]:
        """Return the poses with their positions; count whether there was depth."""
        try:
            found = self._find(camera, image)
        except Exception as error:  # the poses are useful without positions, too
            self._errors.warn(camera, 'no positions in metres', error)
            found = Miss('error', str(error))
        if isinstance(found, Miss):
            camera.count_depth(found)
            return unlocated(image.poses)
        camera.count_depth(None)
        self._fault = None
        return found

    def _find(self, camera: Camera, unlocated_image: UnlocatedImage) -> 'list[Pose3D] | Miss':
        """Return the poses with their positions, or why there are none."""
        image = unlocated_image.image
        assert image.depth is not None  # only images of cameras with depth come here
        wait = unlocated_image.published + self._max_wait - time.monotonic()
        message = image.depth.wait(wait)
        if isinstance(message, Miss):
            return message
        for warning in _warnings(camera, image, message):
            self._warn_once(camera, warning)
        try:
            model = _model(camera, unlocated_image)
            max_pixels = image.settings.poses.max_image_pixels
            depth = to_depth_image(message, image.size, max_pixels=max_pixels)
        except CalibrationError as error:
            return self._refuse(camera, Miss('camera not calibrated', str(error)))
        except DepthError as error:
            return self._refuse(camera, Miss('depth image refused', str(error)))
        return locate(unlocated_image.poses, depth, model)

    def _refuse(self, camera: Camera, miss: Miss) -> Miss:
        """Return a miss that does not go away by itself; log it once."""
        if miss.detail != self._fault and self._errors.warn_about(
            camera, f'no positions in metres: {miss.detail}'
        ):
            self._fault = miss.detail
        return miss

    def _warn_once(self, camera: Camera, warning: str) -> None:
        if warning not in self._warned and self._errors.warn_about(camera, warning):
            self._warned.add(warning)

    def _smooth(self, image: UnlocatedImage, poses: list[Pose3D]) -> list[Pose3D]:
        tracking = image.image.settings.tracking
        stamp = self._times.time_of(image.image.stamp, image.image.received)
        if not tracking.smoothing:
            self._smoother = PositionSmoother()
            return poses
        return self._smoother.update(
            poses, stamp=stamp, image_size=image.image.size, settings=tracking
        )


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


def _model(camera: Camera, image: UnlocatedImage) -> CameraModel:
    """Return the camera's model; raises CalibrationError if it is not calibrated."""
    info, size = image.image.camera_info, image.image.size
    model = to_camera_model(info, size, rectified=camera.topics.resolved.rectified)
    if model is None:
        raise CalibrationError(
            f'no calibration was received; publish one on {camera.topics.camera_info.resolved}'
        )
    return model
