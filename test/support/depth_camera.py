"""
The errors of a stereo depth camera such as the RealSense D435, for the tests of `spatial`.

- Noise: the disparity, focal length x baseline / depth, has a standard deviation of 0.08 pixels.
  So that of the depth grows with its square: 17 mm at 2 m, 66 mm at 4 m. It is correlated over a
  few pixels, as neighbouring pixels share most of what is matched. Source: Intel, "Tuning depth
  cameras for best performance" (RMS error = depth^2 x subpixel / (focal length x baseline)).
- Quantization: disparities are multiples of 1/32 pixel, and depths of 1 mm. Source: Intel,
  "Subpixel linearity improvement for Intel RealSense depth camera D400 series".
- Edges are ragged, and half of the pixels beside them have a depth between those of the two sides.
- Holes: what the right imager does not see, a quarter of the pixels beside edges, and blobs.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from rendered_people import FOCAL_LENGTH

Array = NDArray[np.float64]

BASELINE = 0.05
_DISPARITY_NOISE, _DISPARITY_STEP = 0.08, 1 / 32
# Standard deviations, in pixels: of the correlation of noise, and of the raggedness of edges.
_CORRELATION, _RAGGED = 1.5, 1.0
_MIXED, _EDGE_HOLES, _BLOBS = 0.5, 0.25, 0.03
# A step of this share of the depth is an edge.
_EDGE = 0.05


def measure(depth: Array, seed: int) -> NDArray[np.uint16]:
    """Return what the camera measures of true depths in metres: uint16 millimetres, 0 unknown."""
    rng = np.random.default_rng(seed)
    shape = depth.shape
    ragged = _displaced(depth, rng)
    kernel = np.ones((5, 5), np.uint8)
    near, far = cv2.erode(ragged, kernel), cv2.dilate(ragged, kernel)
    edge = far - near > _EDGE * near
    mixed = edge & (rng.random(shape) < _MIXED)
    share = rng.random(shape)
    measured = np.where(mixed, share * near + (1 - share) * far, ragged)
    disparity = FOCAL_LENGTH * BASELINE / measured
    hidden = _hidden(disparity)
    disparity = disparity + _DISPARITY_NOISE * _smooth(rng, shape, _CORRELATION)
    disparity = np.maximum(np.round(disparity / _DISPARITY_STEP), 1) * _DISPARITY_STEP
    measured = np.clip(np.round(1000 * FOCAL_LENGTH * BASELINE / disparity), 0, 65535)
    blobs = _smooth(rng, shape, 3.0) > _quantile_of_blobs()
    holes = hidden | blobs | (edge & (rng.random(shape) < _EDGE_HOLES))
    return np.where(holes, 0, measured).astype(np.uint16)


def _quantile_of_blobs() -> float:
    """Return above which value a standard normal number is in 3 % of cases."""
    return 1.88


def _smooth(rng: np.random.Generator, shape: tuple[int, ...], sigma: float) -> Array:
    """Return correlated noise with a standard deviation of 1."""
    noise = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), sigma)
    return np.asarray(noise / noise.std(), np.float64)


def _displaced(depth: Array, rng: np.random.Generator) -> Array:
    """Return the depth image with ragged edges."""
    height, width = depth.shape
    rows, columns = np.mgrid[:height, :width]
    shifts = [_RAGGED * _smooth(rng, depth.shape, 2.0) for _ in range(2)]
    x, y = (columns + shifts[0]).astype(np.float32), (rows + shifts[1]).astype(np.float32)
    moved = cv2.remap(depth, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float64)


def _hidden(disparity: Array) -> NDArray[np.bool_]:
    """Return which pixels of the left imager something nearer hides from the right one."""
    in_right = np.arange(disparity.shape[1]) - disparity
    leftmost = np.minimum.accumulate(in_right[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(in_right > leftmost + 0.5, bool)
