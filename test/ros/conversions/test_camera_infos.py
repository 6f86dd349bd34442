from sensor_msgs.msg import CameraInfo, RegionOfInterest

from posenet_ros.ros.conversions.camera_infos import to_calibration
from posenet_ros.spatial.calibration import Region


def test_a_calibration_has_the_numbers_of_the_camera_info() -> None:
    info = CameraInfo(
        height=480,
        width=640,
        distortion_model='plumb_bob',
        d=[0.1, 0.2, 0.3, 0.4, 0.5],
        k=[float(number) for number in range(9)],
        p=[float(number) for number in range(10, 22)],
        binning_x=2,
        binning_y=4,
        roi=RegionOfInterest(x_offset=1, y_offset=2, width=30, height=40),
    )
    calibration = to_calibration(info)
    assert calibration.sensor_size == (480, 640)
    assert calibration.distortion_model == 'plumb_bob'
    assert calibration.d == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert calibration.k == tuple(range(9))
    assert calibration.p == tuple(range(10, 22))
    assert calibration.binning == (2, 4)
    assert calibration.region == Region(1, 2, 30, 40)


def test_a_region_of_zeros_means_the_whole_sensor() -> None:
    assert to_calibration(CameraInfo()).region is None


def test_an_empty_camera_info_is_not_calibrated() -> None:
    calibration = to_calibration(CameraInfo())
    assert not calibration.is_calibrated(rectified=False)
    assert not calibration.is_calibrated(rectified=True)


def test_equal_camera_infos_give_equal_calibrations_that_can_be_hashed() -> None:
    first, second = (to_calibration(CameraInfo(width=640, d=[0.5] * 5)) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
