"""What the inputs of the `posenet` command are: pictures, or one of the sources of frames."""

from pathlib import Path

from posenet_ros.frame_sources import webcam_number
from posenet_ros.image_decoding.formats import find_format, START_BYTES
from posenet_ros.regular_files import open_regular_file
from posenet_ros.videos.frames import FrameSource
from posenet_ros.videos.numbered_images import find_images, is_pattern, NumberedImages
from posenet_ros.videos.video_file import VideoFile
from posenet_ros.videos.webcam import Webcam


def is_picture(name: str) -> bool:
    """
    Return whether an input is a single image.

    It is not if it is the number or the device file of a webcam, a pattern for numbered images
    that is not the name of a file, or a file with any other content. A file that cannot be read
    counts as an image, so that the error comes from reading it.
    """
    if is_webcam(name) or is_numbered(name):
        return False
    start = _read_start(name)
    return not start or find_format(start) is not None


def is_image_file(name: str) -> bool:
    """Return whether an input is a file that can be read and has an image in it."""
    return is_picture(name) and bool(_read_start(name))


def is_readable(name: str) -> bool:
    """Return whether an input is a webcam, numbered images, or a file that has any content."""
    return is_webcam(name) or is_numbered(name) or bool(_read_start(name))


def is_webcam(name: str) -> bool:
    """Return whether an input is the number or the device file of a webcam."""
    return name.isdecimal() or webcam_number(Path(name)) is not None


def is_numbered(name: str) -> bool:
    """Return whether an input is a pattern for numbered images, and not the name of a file."""
    return is_pattern(name) and not Path(name).exists()


def open_frames(name: str, *, rate: float, max_pixels: int) -> FrameSource:
    """
    Open an input that is not a single image.

    `rate` is that of numbered images. Raises ImageError, and MissingDependencyError for a video
    without PyAV.
    """
    if is_webcam(name):
        return Webcam(name, max_pixels=max_pixels)
    if is_numbered(name):
        return NumberedImages(name, rate=rate, max_pixels=max_pixels)
    return VideoFile(Path(name), max_pixels=max_pixels)


def files_of(name: str) -> list[Path]:
    """
    Return the file of a video, or those of numbered images in their order.

    Raises ImageError if there are no numbered images with such names.
    """
    return find_images(name) if is_numbered(name) else [Path(name)]


def _read_start(name: str) -> bytes:
    """Return the first bytes of a file; none if it cannot be read."""
    try:
        with open_regular_file(Path(name)) as file:
            return file.read(START_BYTES)
    except OSError:
        return b''
