"""
The calibration of a camera in plain values, and whether its numbers are possible.

The fields are those of sensor_msgs/CameraInfo, and mean the same. A calibration can be hashed, so
that what is computed from it can be cached.
"""

from dataclasses import dataclass

from posenet_ros.framing.framing import Size

# No number of a calibration is larger than this, and no focal length is shorter than one pixel.
# Beyond these, results would not be finite, or useless.
_MAX_NUMBER, _MIN_FOCAL_LENGTH = 1e7, 1.0


@dataclass(frozen=True)
class Region:
    """The part of the sensor that an image shows, in pixels of the whole sensor."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """
    What a camera's calibration says: its size, matrices and distortion.

    The matrices and the region are in pixels of the whole sensor, not binned.
    """

    #: (height, width) of the whole sensor, as it was calibrated; (0, 0) if it is not known.
    sensor_size: Size
    #: K, row by row, 9 numbers; the first is 0 if the camera is not calibrated.
    k: tuple[float, ...]
    #: P, row by row, 12 numbers; the first is 0 if it is not known.
    p: tuple[float, ...] = (0.0,) * 12
    #: D: the coefficients of the distortion.
    d: tuple[float, ...] = ()
    #: Name of the distortion model; empty if there is no distortion.
    distortion_model: str = ''
    #: Pixels of the sensor for each pixel of the image, (across, down); 0 means 1.
    binning: tuple[int, int] = (1, 1)
    #: None means the whole sensor.
    region: Region | None = None

    def is_calibrated(self, *, rectified: bool) -> bool:
        """Return whether there is a focal length, possible or not, for images of this kind."""
        return bool((self.p if rectified else self.k)[0] != 0)

    def fault(self, *, rectified: bool) -> str | None:
        """
        Return which number makes the calibration unusable, and why; None if there is none.

        Such a number is not finite, or is larger than any real one, or is a focal length below
        one pixel. `rectified` images use P, others K. Without a calibration, there is no fault.
        """
        if not self.is_calibrated(rectified=rectified):
            return None
        matrix, values = ('P', self.p) if rectified else ('K', self.k)
        for index in (0, 5) if rectified else (0, 4):
            if not _MIN_FOCAL_LENGTH <= values[index] <= _MAX_NUMBER:
                number = f'{matrix}[{index}] is {values[index]:g}'
                return f'{number}, which is not a focal length in pixels'
        for name, numbers in ((matrix, values), ('D', self.d)):
            for index, value in enumerate(numbers):
                if not abs(value) <= _MAX_NUMBER:
                    return f'{name}[{index}] is {value:g}, which is not possible'
        return None
