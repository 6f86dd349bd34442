import io
from pathlib import Path
import subprocess
import sys

import cv2
import image_bombs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding import decode_image

RNG = np.random.default_rng(0)
RGB = cv2.GaussianBlur(RNG.integers(0, 256, (61, 83, 3), np.uint8), (5, 5), 0)
GREY = np.ascontiguousarray(RGB[..., 0])
RGBA = np.dstack([RGB, GREY])
DEEP = RNG.integers(0, 2**16, (61, 83, 3), np.uint16)
PALETTE = Image.fromarray(RGB).convert('P')

#: (format, picture, options for Pillow or OpenCV); OpenCV is the reference for their pixels.
BY_PILLOW = [
    ('JPEG', Image.fromarray(RGB), {'subsampling': 0}),
    ('JPEG', Image.fromarray(RGB), {'subsampling': 1}),
    ('JPEG', Image.fromarray(RGB), {'subsampling': 2}),
    ('JPEG', Image.fromarray(RGB), {'progressive': True, 'comment': b'a comment'}),
    ('JPEG', Image.fromarray(GREY), {}),
    ('PNG', Image.fromarray(RGBA), {}),
    ('PNG', Image.fromarray(RGBA).convert('LA'), {}),
    ('PNG', PALETTE, {}),
    ('PNG', PALETTE, {'transparency': bytes(range(256))}),
    ('PNG', Image.fromarray(GREY).convert('1'), {}),
    ('PNG', Image.fromarray(RGB), {'transparency': (1, 2, 3)}),
    ('WEBP', Image.fromarray(RGBA), {'lossless': True, 'exact': True}),
    ('WEBP', Image.fromarray(RGB), {'quality': 70}),
    ('BMP', Image.fromarray(RGB), {}),
    ('BMP', PALETTE, {}),
    ('TIFF', Image.fromarray(RGB), {}),
    ('TIFF', Image.fromarray(RGB), {'compression': 'tiff_lzw'}),
    ('PPM', Image.fromarray(RGB), {}),
    ('PPM', Image.fromarray(GREY), {}),
]


def by_pillow(name: str, image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def by_opencv(extension: str, values: NDArray[np.uint8 | np.uint16]) -> bytes:
    return bytes(cv2.imencode(extension, values)[1])


def reference(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize(('name', 'image', 'options'), BY_PILLOW)
def test_pixels_are_the_same_as_opencvs(
    name: str, image: Image.Image, options: dict[str, object]
) -> None:
    content = by_pillow(name, image, **options)
    np.testing.assert_array_equal(decode_image(content), reference(content)[..., ::-1])


@pytest.mark.parametrize('name', ['grey JPEG', 'JPEG', 'PNG'])
def test_the_array_is_read_only(name: str) -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    shown = picture[:, :, 0] if name == 'grey JPEG' else picture
    _, content = cv2.imencode('.png' if name == 'PNG' else '.jpg', shown)
    assert not decode_image(content.tobytes()).flags.writeable


@pytest.mark.parametrize('extension', ['.png', '.tiff'])
def test_16_bits_are_reduced_to_the_high_byte(extension: str) -> None:
    high = (DEEP >> 8).astype(np.uint8)
    np.testing.assert_array_equal(decode_image(by_opencv(extension, DEEP)), high[..., ::-1])
    grey = decode_image(by_opencv(extension, DEEP[..., 0]))
    np.testing.assert_array_equal(grey, np.dstack([high[..., 0]] * 3))


def test_a_cmyk_jpeg_has_its_colours() -> None:
    colour = Image.new('RGB', (32, 32), (200, 100, 50)).convert('CMYK')
    assert np.abs(decode_image(by_pillow('JPEG', colour)) - np.array([200, 100, 50])).max() <= 3


@pytest.mark.parametrize('orientation', range(1, 9))
@pytest.mark.parametrize('name', ['JPEG', 'PNG'])
def test_the_exif_orientation_applies_only_with_upright(name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = by_pillow(name, Image.fromarray(RGB), exif=exif)
    # Not OpenCV: in older releases, it ignores the orientation of a PNG.
    with Image.open(io.BytesIO(content)) as image:
        expected = ImageOps.exif_transpose(image).convert('RGB')
    np.testing.assert_array_equal(decode_image(content), np.asarray(expected))
    assert decode_image(content, upright=False).shape == RGB.shape


@pytest.mark.parametrize('name', ['WEBP', 'TIFF', 'PNG'])
def test_the_first_of_several_frames_is_decoded(name: str) -> None:
    frames = [Image.fromarray(RGB[::-1])]
    options = {'lossless': True, 'duration': 100} if name == 'WEBP' else {}
    content = by_pillow(name, Image.fromarray(RGB), save_all=True, append_images=frames, **options)
    np.testing.assert_array_equal(decode_image(content), RGB)


@pytest.mark.parametrize('name', ['JPEG', 'PNG', 'WEBP', 'BMP', 'TIFF', 'PPM'])
def test_the_limit_of_pixels_applies_to_every_format(name: str) -> None:
    content = by_pillow(name, Image.fromarray(RGB))
    assert decode_image(content, max_pixels=61 * 83).shape == RGB.shape
    with pytest.raises(ImageError, match='width x height is 83x61'):
        decode_image(content, max_pixels=61 * 83 - 1)


@pytest.mark.parametrize(
    'content',
    [by_pillow('GIF', PALETTE), b'%!PS-Adobe-3.0 EPSF-3.0\n', b'P3 1 1 255 1 2 3', bytes(100)],
)
def test_other_formats_are_refused(content: bytes) -> None:
    with pytest.raises(ImageError, match=r'not an image in a supported format \(JPEG, PNG, WebP'):
        decode_image(content)


def test_formats_that_pillow_decodes_in_python_are_refused() -> None:
    with pytest.raises(ImageError, match='would take too long to decode; convert it to PNG'):
        decode_image(b'P6 1 1 254\n123')


@pytest.mark.parametrize('name', ['JPEG', 'PNG', 'WEBP', 'BMP', 'PPM'])
def test_a_file_that_ends_early_is_refused(name: str) -> None:
    content = by_pillow(name, Image.fromarray(RGB))
    for size in range(1, len(content) - 3, 97):  # a BMP ends with 3 bytes of padding
        with pytest.raises(ImageError):
            decode_image(content[:size])


@pytest.mark.parametrize('name', ['JPEG', 'PNG', 'WEBP'])
def test_damaged_images_print_nothing(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    content = by_pillow(name, Image.fromarray(RGB))
    damaged = np.frombuffer(content, np.uint8).copy()
    for _ in range(50):
        damaged[:] = np.frombuffer(content, np.uint8)
        damaged[RNG.integers(100, len(content) - 2, 5)] = RNG.integers(0, 256, 5)
        try:
            decode_image(damaged.tobytes())
        except ImageError:
            continue
    assert capfd.readouterr().err == ''


def test_no_image_takes_much_memory_before_it_is_refused() -> None:
    program = Path(image_bombs.__file__)
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, timeout=60, check=True
    )
    results = [line.split('\t') for line in done.stdout.splitlines()]
    assert len(results) == len(image_bombs.image_bombs()) + 1
    assert [name for name, megabytes, _ in results if int(megabytes) > 100] == []
    # Its metadata are not read.
    assert [name for name, _, error in results if not error] == ['jpeg with tags']
    assert done.stderr == ''
