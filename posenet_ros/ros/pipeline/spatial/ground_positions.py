"""Where people stand on the ground, for those who are not located by depth."""

from collections.abc import Callable
from typing import Protocol

from std_msgs.msg import Header

from posenet_ros.errors import CalibrationError
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import UnlocatedImage
from posenet_ros.ros.pipeline.spatial.camera_calibration import calibrated_model
from posenet_ros.spatial.ground import CameraPose, locate_on_ground
from posenet_ros.spatial.positions import Pose3D, unlocated


class CameraPoses(Protocol):
    """Tells where a camera is over the ground; see `GroundFrame`."""

    def camera_pose(self, header: Header) -> CameraPose:
        """Return the pose at the time of an image; raises CalibrationError."""


class GroundPositions:
    """Locates the people in the images of one camera on the ground."""

    def __init__(
        self, camera_poses: CameraPoses, warn_once: Callable[[Camera, str], object]
    ) -> None:
        """Take the poses of the camera from `camera_poses`."""
        self._camera_poses = camera_poses
        self._warn_once = warn_once
        self._warned = False

    def locate(self, camera: Camera, image: UnlocatedImage) -> list[Pose3D]:
        """Return the poses with only `body` known, or nothing; the camera keeps the reason."""
        try:
            model = calibrated_model(camera, image.image)
            where = self._camera_poses.camera_pose(image.image.header)
        except CalibrationError as error:
            camera.ground_fault = str(error)
            if not self._warned:
                self._warned = bool(
                    self._warn_once(camera, f'nobody is located on the ground: {error}')
                )
            return unlocated(image.poses)
        found = locate_on_ground(image.poses, model, where)
        camera.ground_fault = next((one.reason for one in found if one.reason), '')
        self._warned = False
        return [one.pose for one in found]
