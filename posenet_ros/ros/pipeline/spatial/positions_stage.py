"""Positions in metres: find the depth of an image, locate people, publish where they are."""

from collections.abc import Callable
from dataclasses import replace
import time

import numpy as np

from posenet_ros.ros.conversions.person_transforms import to_transforms
from posenet_ros.ros.conversions.pose_3d_arrays import Pose3DArrays
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import (
    ConvertedImage,
    PublishedImage,
    UnlocatedImage,
)
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.spatial.depth_buffer import Miss
from posenet_ros.ros.pipeline.spatial.depth_positions import DepthPositions
from posenet_ros.ros.pipeline.spatial.ground_positions import CameraPoses, GroundPositions
from posenet_ros.spatial.position_smoothing import PositionSmoother
from posenet_ros.spatial.positions import Pose3D, unlocated
from posenet_ros.tracking.image_times import ImageTimes


class PositionsStage:
    """
    Publishes the positions of the people in each image of one camera, in the order of the images.

    It smooths them for as long as it exists: from one activation of the node to its deactivation.
    While nobody subscribes to them, it does nothing, and forgets whom it has smoothed.
    """

    def __init__(
        self,
        submit: Callable[[Camera, PublishedImage], object],
        errors: ImageErrors,
        *,
        max_wait: float,
        ground: CameraPoses | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Pass viewed images on with `submit`.

        The depth image is waited for until `max_wait` seconds after the poses were published. With
        `ground`, people without known depth are located by where they stand. `clock` is the one by
        which the poses were published.
        """
        self._submit = submit
        self._errors = errors
        self._depth = DepthPositions(errors.warn_about, max_wait=max_wait, clock=clock)
        self._ground = GroundPositions(ground, errors.warn_about) if ground else None
        # By what positions are from, while smoothing is on: the two are different points.
        self._smoothers: dict[str, PositionSmoother] = {}
        self._times = ImageTimes()
        self._messages = Pose3DArrays()

    def process(self, camera: Camera, image: UnlocatedImage) -> None:
        """Publish the positions in one image; those that are not known are NaN."""
        stamp = self._times.time_of(image.image.stamp, image.image.received)
        poses: list[Pose3D] = []
        if camera.outputs.positions_have_subscribers:
            poses, standing = self._find_all(camera, image, stamp)
            self._publish_poses_3d(camera, image.image, poses, standing)
            self._publish_transforms(camera, image.image, poses)
        else:
            self._smoothers.clear()
            self._depth.reset_missing()
        if image.viewed is not None:
            self._submit(camera, replace(image.viewed, positions=poses))

    def _find_all(
        self, camera: Camera, image: UnlocatedImage, stamp: float
    ) -> tuple[list[Pose3D], list[bool]]:
        """Return the poses with their positions, and who is only known by where they stand."""
        has_depth = image.image.depth is not None
        poses = self._locate(camera, image) if has_depth else unlocated(image.poses)
        poses = self._smooth(camera, image, 'depth', poses, stamp)
        if self._ground is None:
            return poses, []
        grounded = self._stand(camera, image, stamp)
        standing = [_stands(one, other) for one, other in zip(poses, grounded, strict=True)]
        poses = [
            replace(one, body=other.body) if stands else one
            for one, other, stands in zip(poses, grounded, standing, strict=True)
        ]
        return poses, standing

    def _publish_poses_3d(
        self, camera: Camera, image: ConvertedImage, poses: list[Pose3D], standing: list[bool]
    ) -> None:
        """Publish poses_3d, if somebody subscribes to them."""
        if not camera.outputs.poses_3d_have_subscribers:
            return
        try:
            camera.outputs.publish_poses_3d(
                self._messages.convert(poses, image.header, image.size, standing=standing)
            )
        except Exception as error:  # one image must not stop all cameras
            self._errors.warn(camera, 'positions in metres not published', error)

    def _publish_transforms(
        self, camera: Camera, image: ConvertedImage, poses: list[Pose3D]
    ) -> None:
        """Publish the frames of people, if somebody subscribes to them."""
        if not camera.outputs.transforms_have_subscribers:
            return
        try:
            prefix = camera.topics.person_frame_prefix
            transforms = to_transforms(poses, image.header, prefix)
            if transforms is not None:
                camera.outputs.publish_transforms(transforms)
        except Exception as error:  # as above
            self._errors.warn(camera, 'frames of people not published', error)

    def _locate(self, camera: Camera, image: UnlocatedImage) -> list[Pose3D]:
        """Return the poses with their positions; count whether there was depth."""
        try:
            found = self._depth.locate(camera, image)
        except Exception as error:  # the poses are useful without positions, too
            self._errors.warn(camera, 'no positions in metres', error)
            found = Miss('error', str(error))
        if isinstance(found, Miss):
            camera.count_depth(found)
            return unlocated(image.poses)
        camera.count_depth(None)
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
