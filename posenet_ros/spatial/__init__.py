"""Where people are, in metres: from depth images or from the ground, without ROS."""

from posenet_ros.spatial.calibration import Calibration, Region
from posenet_ros.spatial.camera_model import camera_model, CameraModel, uncalibrated_camera
from posenet_ros.spatial.depth_image import depth_image, DepthImage
from posenet_ros.spatial.ground import camera_pose, CameraPose, GroundedPose, locate_on_ground
from posenet_ros.spatial.position_smoothing import PositionSmoother
from posenet_ros.spatial.positions import locate, Pose3D, unlocated

__all__ = [
    'Calibration',
    'CameraModel',
    'CameraPose',
    'DepthImage',
    'GroundedPose',
    'Pose3D',
    'PositionSmoother',
    'Region',
    'camera_model',
    'camera_pose',
    'depth_image',
    'locate',
    'locate_on_ground',
    'uncalibrated_camera',
    'unlocated',
]
