"""Positions in metres: find the depth of an image, locate the people, and publish poses_3d."""

from collections.abc import Callable, Iterator
from dataclasses import replace
import time

import numpy as np

from posenet_ros.errors import CalibrationError, DepthError
from posenet_ros.quoting import quoted
from posenet_ros.ros.conversions.depth_images import DepthMessage, to_depth_image
from posenet_ros.ros.conversions.pose_3d_arrays import to_pose_3d_array
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import (
    ConvertedImage,
    PublishedImage,
    UnlocatedImage,
)
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.spatial.camera_calibration import calibrated_model
from posenet_ros.ros.pipeline.spatial.depth_buffer import Miss
from posenet_ros.ros.pipeline.spatial.ground_positions import CameraPoses, GroundPositions
from posenet_ros.spatial.lens import ignored_distortion
from posenet_ros.spatial.position_smoothing import PositionSmoother
from posenet_ros.spatial.positions import locate, Pose3D, unlocated
from posenet_ros.tracking.image_times import ImageTimes

# The number of different warnings that are logged about one camera.
_MAX_WARNINGS = 20


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
        ground: CameraPoses | None = None,
    ) -> None:
        """
        Pass viewed images on with `submit`.

        The depth image is waited for until `max_wait` seconds after the poses were published. With
        `ground`, people without known depth are located by where they stand.
        """
        self._submit = submit
        self._errors = errors
        self._max_wait = max_wait
        self._ground = GroundPositions(ground, errors.warn_about) if ground else None
        # By what positions are from, while smoothing is on: the two are different points.
        self._smoothers: dict[str, PositionSmoother] = {}
        self._times = ImageTimes()
        # The last fault of messages that was logged, and all warnings.
        self._fault: str | None = None
        self._warned: set[str] = set()

    def process(self, camera: Camera, image: UnlocatedImage) -> None:
        """Publish the positions in one image; those that are not known are NaN."""
        stamp = self._times.time_of(image.image.stamp, image.image.received)
        has_depth = image.image.depth is not None
        poses = self._locate(camera, image) if has_depth else unlocated(image.poses)
        poses = self._smooth(camera, image, 'depth', poses, stamp)
        grounded = self._stand(camera, image, stamp) if self._ground else poses
        standing = [_stands(one, other) for one, other in zip(poses, grounded, strict=True)]
        poses = [
            replace(one, body=other.body) if stands else one
            for one, other, stands in zip(poses, grounded, standing, strict=True)
        ]
        try:
            message = to_pose_3d_array(
                poses, image.image.header, image.image.size, standing=standing
            )
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

    def _stand(self, camera: Camera, image: UnlocatedImage, stamp: float) -> list[Pose3D]:
        """Return the poses with only the body known: where people stand."""
        assert self._ground is not None
        try:
            found = self._ground.locate(camera, image)
        except Exception as error:  # as above
            self._errors.warn(camera, 'nobody is located on the ground', error)
            found = unlocated(image.poses)
        return self._smooth(camera, image, 'ground', found, stamp)

    def _find(self, camera: Camera, unlocated_image: UnlocatedImage) -> 'list[Pose3D] | Miss':
        """Return the poses with their positions, or why there are none."""
        image = unlocated_image.image
        assert image.depth is not None
        wait = unlocated_image.published + self._max_wait - time.monotonic()
        message = image.depth.wait(wait)
        if isinstance(message, Miss):
            return message
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
        return locate(unlocated_image.poses, depth, model)

    def _refuse(self, camera: Camera, miss: Miss) -> Miss:
        """Return a miss that does not go away by itself; log it once."""
        if miss.detail != self._fault and self._errors.warn_about(
            camera, f'no positions in metres: {miss.detail}'
        ):
            self._fault = miss.detail
        return miss

    def _warn_once(self, camera: Camera, warning: str) -> None:
        known = warning in self._warned or len(self._warned) == _MAX_WARNINGS
        if not known and self._errors.warn_about(camera, warning):
            self._warned.add(warning)

    def _smooth(
        self,
        camera: Camera,
        image: UnlocatedImage,
        source: str,
        poses: list[Pose3D],
        stamp: float,
    ) -> list[Pose3D]:
        """Return the poses with smooth positions, if smoothing is on."""
        tracking = image.image.settings.tracking
        size = image.image.size
        if not tracking.smoothing:
            self._smoothers.clear()
            return poses
        smoother = self._smoothers.setdefault(source, PositionSmoother())
        try:
            return smoother.update(poses, stamp=stamp, image_size=size, settings=tracking)
        except Exception as error:  # positions are useful without smoothing, too
            self._errors.warn(camera, 'positions in metres not smoothed', error)
            return poses


def _stands(pose: Pose3D, grounded: Pose3D) -> bool:
    """Return whether a person is only known by where they stand."""
    return bool(np.isnan(pose.body[2]) and not np.isnan(grounded.body[2]))


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
