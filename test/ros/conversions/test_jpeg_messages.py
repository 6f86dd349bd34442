from made_images import BLUE, GREEN, ORANGE, RED
import numpy as np
import pytest
from std_msgs.msg import Header

from posenet_ros.errors import ImageError
from posenet_ros.messages.compressed_images import compressed_to_rgb
from posenet_ros.ros.conversions.jpeg_messages import to_compressed


@pytest.mark.parametrize('size', [(1, 1), (32, 48), (35, 21)])
def test_compressing_and_decompressing_keeps_the_colours(size: tuple[int, int]) -> None:
    header = Header(frame_id='lens')
    for colour in (RED, GREEN, BLUE, ORANGE):
        pixels = np.full((*size, 3), colour, np.uint8)
        sent = to_compressed(pixels, header, 95)
        assert (sent.header, sent.format) == (header, 'rgb8; jpeg compressed bgr8')
        back = compressed_to_rgb(sent)
        assert back.shape == pixels.shape
        assert np.abs(back.astype(int) - pixels).max() <= 3


def test_a_lower_quality_takes_fewer_bytes() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    sizes = [len(to_compressed(pixels, Header(), quality).data) for quality in (10, 50, 95)]
    assert sizes == sorted(set(sizes))


def test_an_image_too_large_for_jpeg_is_refused() -> None:
    with pytest.raises(
        ImageError, match='width x height is 65501x1: a JPEG can have at most 65500'
    ):
        to_compressed(np.zeros((1, 65501, 3), np.uint8), Header(), 90)
