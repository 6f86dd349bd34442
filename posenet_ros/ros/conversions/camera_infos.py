"""Conversion of CameraInfo messages to calibrations."""

from sensor_msgs.msg import CameraInfo

from posenet_ros.framing.framing import Size
from posenet_ros.spatial.calibration import Calibration, Region
from posenet_ros.spatial.camera_model import camera_model, CameraModel


def to_calibration(info: CameraInfo) -> Calibration:
    """
    Return the calibration in a CameraInfo.

    A region of interest without a width or a height means the whole sensor.
    """
    roi = info.roi
    region = Region(roi.x_offset, roi.y_offset, roi.width, roi.height)
    return Calibration(
        sensor_size=(info.height, info.width),
        k=tuple(info.k.tolist()),
        p=tuple(info.p.tolist()),
        d=tuple(info.d),
        distortion_model=info.distortion_model,
        binning=(info.binning_x, info.binning_y),
        region=region if roi.width and roi.height else None,
    )


def to_camera_model(
    info: CameraInfo | None, image_size: Size, *, rectified: bool
) -> CameraModel | None:
    """
    Return the model of a camera for images of (height, width); None if it is not calibrated.

    Raises CalibrationError if the calibration cannot be used for these images.
    """
    calibration = None if info is None else to_calibration(info)
    if calibration is None or not calibration.is_calibrated(rectified=rectified):
        return None
    return camera_model(calibration, image_size, rectified=rectified)
