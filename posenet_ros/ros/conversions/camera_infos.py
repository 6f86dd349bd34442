"""Conversion of CameraInfo messages to calibrations."""

from sensor_msgs.msg import CameraInfo

from posenet_ros.spatial.calibration import Calibration, Region


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
