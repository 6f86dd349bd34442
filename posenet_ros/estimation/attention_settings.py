"""The settings of the closer look at people."""

from dataclasses import dataclass

from posenet_ros.settings import Group, MAX_INPUT_SIDE, setting


@dataclass(frozen=True, kw_only=True)
class AttentionSettings(Group):
    """Which parts of an image the network processes."""

    attention: str = setting(
        'whole_image',
        'whole_image processes each image once. closer_look then processes a small region around '
        'each person again, which is much more accurate, above all for people who are small in '
        'the image. People whom a region would not show larger than the whole image, such as '
        'somebody who fills a large image, gain nothing.',
        choices=('whole_image', 'closer_look'),
    )
    search_interval: float = setting(
        1.0,
        'Seconds after which closer_look processes the whole image again to find new people. In '
        'the images between, it processes only regions around known people. 0 processes the '
        'whole of every image.',
        minimum=0.0,
        maximum=60.0,
    )
    max_regions: int = setting(
        10,
        'Maximum number of regions in an image (closer_look only). It limits the time for '
        'images of many people.',
        minimum=1,
        maximum=100,
    )
    region_size: int = setting(
        241,
        'Side in pixels to which square regions are scaled (closer_look only), rounded down to a '
        'multiple of output_stride plus 1. Narrow regions, such as those around people who stand, '
        'get about as many pixels, and thus a larger scale. Larger sizes are more accurate, up to '
        'about 353, and slower.',
        minimum=33,
        maximum=MAX_INPUT_SIDE,
    )
