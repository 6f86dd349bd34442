"""Small image files that would take gigabytes or minutes to decode."""

import io
from pathlib import Path
import re
import struct
import zlib

import cv2
import numpy as np

_PICTURE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
_PNG_START = b'\x89PNG\r\n\x1a\n'


def encoded(extension: str, *options: int) -> bytes:
    """Return a picture of 64x64 pixels as an image file."""
    return bytes(cv2.imencode(extension, _PICTURE, list(options))[1])


def jpeg_of_size(width: int, height: int) -> bytes:
    """Return a small JPEG whose header has another size."""
    content = encoded('.jpg')
    found = re.search(rb'\xff\xc0', content)
    assert found
    start, rest = found.start() + 5, found.start() + 9
    return content[:start] + struct.pack('>HH', height, width) + content[rest:]


def image_bombs() -> dict[str, bytes]:
    """Return files that must be refused before anything large is allocated, by their names."""
    header = struct.pack('<IiiHHIIiiII', 40, 30000, 30000, 1, 24, 0, 0, 0, 0, 0, 0)
    tile = [(256, 64), (257, 64), (258, 8), (259, 8), (262, 1), (322, 60000), (323, 60000)]
    content = encoded('.png')
    damaged = content[:33] + b'\xf0' + content[34:]
    return {
        'jpeg': jpeg_of_size(8448, 8448),
        'huge jpeg': jpeg_of_size(65500, 65500),
        'png': _png(struct.pack('>IIBBBBB', 8448, 8448, 8, 2, 0, 0, 0)),
        'png with a damaged chunk length': damaged,
        'png with many chunks': _png(_header(), _chunk(b'abCd', b'') * 200_000),
        'png with long texts': _png(_header(), *map(_long_text, range(100))),
        'webp': b'RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xfe\x3f\0\xfe\x3f\0' + bytes(30),
        'bmp': b'BM' + struct.pack('<IHHI', 54, 0, 0, 54) + header,
        'tiff with a large tile': _tiff([(tag, 4, 1, value) for tag, value in tile]),
        'tiff with overlapping tags': _tiff(
            [(tag, 1, 2**20, 8) for tag in range(1000, 5000)], bytes(2**20)
        ),
        'pnm with a comment': b'P6 ' + b'#' * 2**20,
        'pnm': b'P6 30000 30000 255\n',
    }


def jpeg_with_overlapping_exif_tags() -> bytes:
    """Return a JPEG with 65000 tags that all refer to the same 700 kB."""
    tags = b''.join(struct.pack('>HHII', tag, 1, 700_000, 8) for tag in range(65_000))
    exif = b'MM\0*\0\0\0\x08' + struct.pack('>H', 65_000) + tags
    file = io.BytesIO(exif)
    parts = iter(lambda: file.read(60_000), b'')
    segments = [
        b'\xff\xe1' + struct.pack('>H', len(part) + 8) + b'Exif\0\0' + part for part in parts
    ]
    content = encoded('.jpg')
    return content[:2] + b''.join(segments) + content[2:]


def _header() -> bytes:
    return struct.pack('>IIBBBBB', 64, 64, 8, 2, 0, 0, 0)


def _long_text(index: int) -> bytes:
    return _chunk(b'zTXt', b'%d\0\0' % index + zlib.compress(bytes(2**20 - 100)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack('>I', zlib.crc32(kind + data))
    return struct.pack('>I', len(data)) + kind + data + checksum


def _png(header: bytes, *chunks: bytes) -> bytes:
    pixels = _chunk(b'IDAT', zlib.compress(bytes(64 * 193)))
    first, last = _chunk(b'IHDR', header), _chunk(b'IEND', b'')
    return _PNG_START + first + b''.join(chunks) + pixels + last


def _tiff(tags: list[tuple[int, int, int, int]], data: bytes = b'') -> bytes:
    entries = b''.join(struct.pack('<HHII', *tag) for tag in tags)
    return b'II*\0\x08\0\0\0' + struct.pack('<H', len(tags)) + entries + bytes(4) + data


def _peak_mb() -> int:
    status = Path('/proc/self/status').read_text()
    return int(re.findall(r'VmHWM:\s+(\d+)', status)[0]) // 1024


def main() -> None:
    """Print the error of each bomb, and by how many MB it raised the peak of the memory."""
    from posenet_ros.errors import ImageError
    from posenet_ros.image_decoding import decode_image

    decode_image(encoded('.jpg'))
    bombs = {**image_bombs(), 'jpeg with tags': jpeg_with_overlapping_exif_tags()}
    for name, content in bombs.items():
        before, error = _peak_mb(), ''
        try:
            decode_image(content)
        except ImageError as raised:
            error = str(raised)
        print(name, _peak_mb() - before, error.replace('\n', ' '), sep='\t')


if __name__ == '__main__':
    main()
