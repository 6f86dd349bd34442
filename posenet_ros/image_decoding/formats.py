"""The image formats that are read, and how Pillow opens them."""

from dataclasses import dataclass
import logging
import re
import warnings

from PIL import (
    BmpImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

# Pillow warns about odd metadata, which do not matter here: an image is either decoded or refused.
warnings.filterwarnings('ignore', category=UserWarning, module=r'PIL\.\w+ImagePlugin')
# Otherwise Python prints Pillow's log to standard error if the program does not configure logging.
logging.getLogger('PIL').addHandler(logging.NullHandler())

_MB = 2**20


@dataclass(frozen=True)
class ImageFormat:
    """
    A format, the pattern that its files start with, and Pillow's class for it.

    Pillow reads at most `max_header_bytes` before the size of the image is known.
    """

    name: str
    start: re.Pattern[bytes]
    reader: type[ImageFile.ImageFile]
    max_header_bytes: int = 64 * _MB


#: These readers are used directly, and not through `Image.open`, so that no other format is ever
#: tried, and Pillow does not print its own warning about large images.
FORMATS = (
    ImageFormat('JPEG', re.compile(rb'\xff\xd8'), JpegImagePlugin.JpegImageFile),
    ImageFormat('PNG', re.compile(rb'\x89PNG\r\n\x1a\n'), PngImagePlugin.PngImageFile),
    ImageFormat('WebP', re.compile(rb'RIFF.{4}WEBP', re.DOTALL), WebPImagePlugin.WebPImageFile),
    ImageFormat('BMP', re.compile(rb'BM'), BmpImagePlugin.BmpImageFile),
    # Pillow creates a tuple of Python's integers for each tag, and objects for each strip.
    ImageFormat('TIFF', re.compile(rb'II\*\0|MM\0\*'), TiffImagePlugin.TiffImageFile, _MB),
    ImageFormat('PNM', re.compile(rb'P[456]\s'), PpmImagePlugin.PpmImageFile),
)

#: Number of bytes at the start of a file that `find_format` needs.
START_BYTES = 12


def find_format(content: bytes) -> ImageFormat | None:
    """Return the format of an image file from its first bytes; None if it is not supported."""
    return next((one for one in FORMATS if one.start.match(content)), None)
