"""Image messages of known colours, encoded with NumPy only."""

from array import array
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sensor_msgs.msg import Image

Rgb = NDArray[np.uint8]
Values = NDArray[np.uint8 | np.uint16]

# Every channel is high or low, so that channels in the wrong order give a large difference.
RED, GREEN, BLUE, ORANGE = (230, 20, 10), (15, 200, 40), (25, 30, 220), (240, 130, 20)


def message(
    encoding: str,
    values: ArrayLike,
    *,
    height: int | None = None,
    padding: int = 0,
    big_endian: bool = False,
) -> Image:
    """
    Return a message of values, uint8 or uint16 [rows, width] or [rows, width, channels].

    `height` is the height of the image if it differs from the number of rows. `padding` bytes
    follow each row.
    """
    pixels = np.asarray(values)
    sent = pixels.astype(pixels.dtype.newbyteorder('>' if big_endian else '<'))
    rows = np.ascontiguousarray(sent.reshape(len(pixels), -1)).view(np.uint8)
    data = np.pad(rows, ((0, 0), (0, padding)), constant_values=77)
    return Image(
        height=len(pixels) if height is None else height,
        width=pixels.shape[1],
        encoding=encoding,
        is_bigendian=int(big_endian),
        step=data.shape[1],
        data=array('B', data.tobytes()),
    )


def encoded(encoding: str, rgb: Rgb, *, padding: int = 0, big_endian: bool = False) -> Image:
    """Return a message of uint8 RGB pixels [height, width, 3] in an encoding."""
    values = ENCODERS[encoding](rgb)
    height = len(rgb)
    return message(encoding, values, height=height, padding=padding, big_endian=big_endian)


def quarters(height: int, width: int) -> Rgb:
    """Return red, green, blue and orange, one in each quarter, uint8 RGB [height, width, 3]."""
    pixels = np.empty((height, width, 3), np.uint8)
    top, left = height // 2, width // 2
    pixels[:top, :left], pixels[:top, left:] = RED, GREEN
    pixels[top:, :left], pixels[top:, left:] = BLUE, ORANGE
    return pixels


def _plain(order: str) -> Callable[[Rgb], Values]:
    """Return an encoder for this order of red, green, blue and alpha."""

    def encode(rgb: Rgb) -> Values:
        alpha = np.full((*rgb.shape[:2], 1), 99, np.uint8)
        channels = ['rgba'.index(letter) for letter in order]
        return np.concatenate([rgb, alpha], axis=2)[..., channels]

    return encode


def _bayer(pattern: str) -> Callable[[Rgb], Values]:
    """Return an encoder that keeps the colour of the Bayer pattern at each pixel."""

    def encode(rgb: Rgb) -> Values:
        values = np.empty(rgb.shape[:2], np.uint8)
        for index, colour in enumerate(pattern):
            here = (slice(index // 2, None, 2), slice(index % 2, None, 2))
            values[here] = rgb[..., 'rgb'.index(colour)][here]
        return values

    return encode


def _yuv(rgb: Rgb) -> tuple[Rgb, Rgb, Rgb]:
    """Return Y, U and V of ITU-R BT.601: luma from 16 to 235, colour from 16 to 240."""
    matrix = [[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]
    planes = rgb / 255 @ np.array(matrix).T + [16, 128, 128]
    y, u, v = np.moveaxis(np.rint(planes).astype(np.uint8), 2, 0)
    return y, u, v


def _packed(order: str) -> Callable[[Rgb], Values]:
    """Return an encoder for this order of the four bytes of two pixels, such as 'uyvy'."""

    def encode(rgb: Rgb) -> Values:
        y, u, v = _yuv(rgb)
        colours = {'u': u[:, ::2], 'v': v[:, ::2]}
        luma = iter((y[:, ::2], y[:, 1::2]))
        parts = [next(luma) if letter == 'y' else colours[letter] for letter in order]
        return np.stack(parts, axis=2).reshape(*y.shape, 2)

    return encode


def _planar(order: str) -> Callable[[Rgb], Values]:
    """Return an encoder that puts the chroma of each 2x2 pixels into rows below the luma."""

    def encode(rgb: Rgb) -> Values:
        y, u, v = _yuv(rgb)
        colours = {'u': u[::2, ::2], 'v': v[::2, ::2]}
        chroma = np.stack([colours[letter] for letter in order], axis=2)
        return np.concatenate([y, chroma.reshape(-1, y.shape[1])])

    return encode


def _in_16_bits(encode: Callable[[Rgb], Values]) -> Callable[[Rgb], Values]:
    """
    Return an encoder for 16 bits, in which 65535 is as bright as 255.

    Values are slightly too high, but within rounding, so that the two bytes of a value differ.
    """
    return lambda rgb: encode(rgb).astype(np.uint16) * 257 + 100


_OF_ANY_DEPTH = {
    **{order: _plain(order) for order in ('rgb', 'bgr', 'rgba', 'bgra')},
    # The grey value is that of the red channel.
    'mono': _plain('r'),
    **{f'bayer_{pattern}': _bayer(pattern) for pattern in ('rggb', 'bggr', 'gbrg', 'grbg')},
}
ENCODERS: dict[str, Callable[[Rgb], Values]] = {
    **{f'{name}8': encode for name, encode in _OF_ANY_DEPTH.items()},
    **{f'{name}16': _in_16_bits(encode) for name, encode in _OF_ANY_DEPTH.items()},
    '8UC1': _plain('r'),
    '8UC3': _plain('bgr'),
    '8UC4': _plain('bgra'),
    'uyvy': _packed('uyvy'),
    'yuv422': _packed('uyvy'),
    'yuyv': _packed('yuyv'),
    'yuv422_yuy2': _packed('yuyv'),
    'nv12': _planar('uv'),
    'nv21': _planar('vu'),
}
