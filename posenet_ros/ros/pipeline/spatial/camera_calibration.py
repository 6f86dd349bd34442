"""The camera model that positions in metres need."""

from posenet_ros.errors import CalibrationError
from posenet_ros.ros.conversions.camera_infos import to_camera_model
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage
from posenet_ros.spatial.camera_model import CameraModel


def calibrated_model(camera: Camera, image: ConvertedImage) -> CameraModel:
    """Return the model of a camera; raises CalibrationError if it is not calibrated."""
    rectified = camera.topics.resolved.rectified
    model = to_camera_model(image.camera_info, image.size, rectified=rectified)
    if model is None:
        raise CalibrationError(
            f'no calibration was received; publish one on {camera.topics.camera_info.resolved}'
        )
    return model
