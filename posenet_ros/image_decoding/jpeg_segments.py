"""The segments of a JPEG file: ITU-T T.81, annex B."""

from dataclasses import dataclass
import re

from posenet_ros.errors import ImageError

# A marker other than stuffing, fill bytes, restart markers and TEM, which have no length.
_MARKER = re.compile(rb'\xff([\x02-\xcf\xd8-\xfe])')
_START_OF_IMAGE, _END_OF_IMAGE, _START_OF_SCAN = 0xD8, 0xD9, 0xDA
# Comments and application data, except JFIF (APP0) and Adobe (APP14), which define the colours.
_METADATA = {0xFE, *range(0xE0, 0xF0)} - {0xE0, 0xEE}
_EXIF = 0xE1

# A progressive JPEG usually has 10 scans. Each takes time for all pixels, even if it is empty.
_MAX_SCANS = 64
_MAX_SEGMENTS = 10_000


@dataclass(frozen=True)
class JpegSegments:
    """A JPEG file without metadata, and its EXIF data, which are empty if it has none."""

    pixels: bytes
    exif: bytes


def split_metadata(content: bytes) -> JpegSegments:
    """
    Remove the metadata from a JPEG file: the decoder does not need them.

    Anything after the end marker is removed, too. Raises ImageError if the end marker is missing,
    or if the file has too many scans or segments.
    """
    kept: list[bytes] = []
    exif = b''
    kept_from, place, scans = 0, 2, 0
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER.search(content, place)
        if found is None:
            raise ImageError(f'the JPEG ends early, after {len(content)} bytes')
        marker, place = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            return JpegSegments(b''.join([*kept, content[kept_from:place]]), exif)
        if marker == _START_OF_IMAGE:
            continue
        scans += marker == _START_OF_SCAN
        if scans > _MAX_SCANS:
            break
        body = place + 2
        place += max(2, int.from_bytes(content[place:body], 'big'))
        if marker in _METADATA:
            start = found.start()
            kept.append(content[kept_from:start])
            kept_from = place
        if marker == _EXIF and not exif and content.startswith(b'Exif\0\0', body):
            exif = content[body:place]
    raise ImageError(
        f'the JPEG has more than {_MAX_SCANS} scans or {_MAX_SEGMENTS} segments; save it again '
        'with another program'
    )
