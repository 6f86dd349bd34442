"""What the inputs of the `posenet` command are: pictures, or one of the sources of frames."""

from pathlib import Path

from posenet_ros.frame_sources import webcam_number
from posenet_ros.image_decoding.formats import find_format, START_BYTES
from posenet_ros.regular_files import open_regular_file
from posenet_ros.videos.frames import FrameSource
from posenet_ros.videos.numbered_images import is_pattern, NumberedImages
from posenet_ros.videos.video_file import VideoFile
from posenet_ros.videos.webcam import Webcam


def is_picture(name: str) -> bool:
    """
    Return whether an input is a single image.

    It is not if it is the number or the device file of a webcam, a pattern for numbered images
    that is not the name of a file, or a file with any other content. A file that cannot be read
    counts as an image, so that the error comes from reading it.
    """
    if _is_webcam(name) or is_numbered(name):
        return False
    try:
        with open_regular_file(Path(name)) as file:
            start = file.read(START_BYTES)
    except OSError:
        return True
    return not start or find_format(start) is not None


def is_numbered(name: str) -> bool:
    """Return whether an input is a pattern for numbered images, and not the name of a file."""
    return is_pattern(name) and not Path(name).exists()


def open_frames(name: str, *, rate: float, max_pixels: int) -> FrameSource:
    """
    Open an input that is not a single image.

    `rate` is that of numbered images. Raises ImageError, and MissingDependencyError for a video
    without PyAV.
    """
    if _is_webcam(name):
        return Webcam(name, max_pixels=max_pixels)
    if is_numbered(name):
        return NumberedImages(name, rate=rate, max_pixels=max_pixels)
    return VideoFile(Path(name), max_pixels=max_pixels)


def _is_webcam(name: str) -> bool:
    return name.isdecimal() or webcam_number(Path(name)) is not None
