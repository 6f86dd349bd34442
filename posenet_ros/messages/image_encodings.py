"""The encodings of image messages: their memory layout, and how to convert them to RGB."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Encoding:
    """
    The memory layout of one encoding.

    Each pixel has `channels` values of `dtype`. `code` is the OpenCV code that converts them to
    RGB, or None if they are RGB. The (height, width) of an image must be multiples of `multiple`.
    In a `mosaic`, each pixel has only one of the three colours, in a 2x2 Bayer pattern.
    """

    channels: int
    code: int | None
    dtype: type[np.uint8 | np.uint16] = np.uint8
    multiple: tuple[int, int] = (1, 1)
    mosaic: bool = False
    #: Number of rows of colour values, stored after all pixels, for every two rows of pixels.
    chroma_rows: int = 0

    def row_bytes(self, width: int) -> int:
        """Return the number of bytes in a row of pixels, without padding."""
        return width * self.channels * np.dtype(self.dtype).itemsize

    def rows(self, height: int) -> int:
        """Return the number of rows in the data of an image of this height."""
        return height + height // 2 * self.chroma_rows


def _bayer(code: int, dtype: type[np.uint8 | np.uint16]) -> Encoding:
    return Encoding(1, code, dtype, mosaic=True)


_UYVY = Encoding(2, cv2.COLOR_YUV2RGB_UYVY, multiple=(1, 2))
_YUYV = Encoding(2, cv2.COLOR_YUV2RGB_YUY2, multiple=(1, 2))

#: All supported encodings, by their names in sensor_msgs/image_encodings.hpp.
#:
#: ROS names a Bayer pattern after the four pixels at the top left. OpenCV names it after the
#: second and third pixel of the second row, so RGGB is BG in OpenCV. Both OpenCV and cv_bridge
#: interpret YUV as BT.601 with luma from 16 to 235.
ENCODINGS = {
    'rgb8': Encoding(3, None),
    'bgr8': Encoding(3, cv2.COLOR_BGR2RGB),
    'rgba8': Encoding(4, cv2.COLOR_RGBA2RGB),
    'bgra8': Encoding(4, cv2.COLOR_BGRA2RGB),
    'mono8': Encoding(1, cv2.COLOR_GRAY2RGB),
    'rgb16': Encoding(3, None, np.uint16),
    'bgr16': Encoding(3, cv2.COLOR_BGR2RGB, np.uint16),
    'rgba16': Encoding(4, cv2.COLOR_RGBA2RGB, np.uint16),
    'bgra16': Encoding(4, cv2.COLOR_BGRA2RGB, np.uint16),
    'mono16': Encoding(1, cv2.COLOR_GRAY2RGB, np.uint16),
    # OpenCV's own types, from publishers that use the default encoding of cv_bridge. They do not
    # define the order of channels; we assume the same order as RViz. 16UC1 is not supported, as
    # it is depth in millimetres.
    '8UC1': Encoding(1, cv2.COLOR_GRAY2RGB),
    '8UC3': Encoding(3, cv2.COLOR_BGR2RGB),
    '8UC4': Encoding(4, cv2.COLOR_BGRA2RGB),
    'bayer_rggb8': _bayer(cv2.COLOR_BayerBG2RGB, np.uint8),
    'bayer_bggr8': _bayer(cv2.COLOR_BayerRG2RGB, np.uint8),
    'bayer_gbrg8': _bayer(cv2.COLOR_BayerGR2RGB, np.uint8),
    'bayer_grbg8': _bayer(cv2.COLOR_BayerGB2RGB, np.uint8),
    'bayer_rggb16': _bayer(cv2.COLOR_BayerBG2RGB, np.uint16),
    'bayer_bggr16': _bayer(cv2.COLOR_BayerRG2RGB, np.uint16),
    'bayer_gbrg16': _bayer(cv2.COLOR_BayerGR2RGB, np.uint16),
    'bayer_grbg16': _bayer(cv2.COLOR_BayerGB2RGB, np.uint16),
    'uyvy': _UYVY,
    'yuv422': _UYVY,
    'yuyv': _YUYV,
    'yuv422_yuy2': _YUYV,
    'nv12': Encoding(1, cv2.COLOR_YUV2RGB_NV12, multiple=(2, 2), chroma_rows=1),
    'nv21': Encoding(1, cv2.COLOR_YUV2RGB_NV21, multiple=(2, 2), chroma_rows=1),
}
