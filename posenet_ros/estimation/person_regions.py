"""
Which regions of an image to process again: rectangles around the people expected there.

A region lies around a person's reliable keypoints, and is somewhat larger than they are. It is as
narrow as the person: the pixels that it saves beside somebody who stands show the person larger.
If the squares around two regions overlap much, the first square is the region of both people, and
both are decoded from it.

The numbers were chosen on a quarter of COCO's odd-numbered pictures (val2017), with the model
mobilenet_v1_075. "AP" is the average precision there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import TypeAlias

from posenet_ros.estimation.people_arrays import gather
from posenet_ros.framing.framing import Framing
from posenet_ros.framing.region import Region
from posenet_ros.poses import Pose

# What a region adds to the box around the reliable keypoints, as a share of its longer side: along
# that side, and along the other one.
_Margins: TypeAlias = tuple[float, float]
# With 0.15 along the longer side, AP is 0.4 lower; with 0.5, it is 2 lower, as people are smaller
# in the region. The margin along the other side shows people beside the person whom the whole
# image did not show: with 0.3, AP is 0.5 lower at 6 % less time. Squares have the same AP as these
# regions if they have a quarter more pixels.
_NEW: _Margins = (0.3, 0.5)
# For somebody who is known from earlier images, as the people beside them are. In videos, this
# shows keypoints more precisely than the margins for new people.
_KNOWN: _Margins = (0.2, 0.2)
# In image pixels. Smaller regions show nothing.
_MIN_SIDE = 16.0
# The shorter side of a region is at least this share of the longer one. With 0.6, AP is 0.2 higher
# at 1 % more time.
_MIN_SHARE = 0.5
# The shares are multiples of 1 / this number, so that there are few sizes of the network input.
_SHARES = 16
# Regions with a greater intersection over union are one region. This saves a tenth of the regions,
# and costs an AP of 0.2. With 0.3, it would save a fifth, and cost 0.6.
_MAX_OVERLAP = 0.5
# Nobody gets a region that does not show them larger than the whole image by this factor. With 0.8
# or 1.2, AP is the same or 0.2 lower, at 1 % more or less time.
_MIN_GAIN = 1.0
#: Whoever has a lower score in the whole image is most likely nobody. With 0.05, there are a third
#: more regions, and AP is the same; with 0.15, there are a tenth fewer, and AP is 0.2 lower.
MIN_SCORE = 0.1


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody who may be in an image, before the closer look."""

    #: In pixels of the image.
    pose: Pose
    #: Whether the pose was found in the whole of this image. Otherwise, it is predicted.
    measured: bool = True
    #: Whether the person is known from earlier images.
    known: bool = False


@dataclass(frozen=True, eq=False)
class PlannedLook:
    """A region to process, and who is expected in it."""

    region: Region
    #: The indices of the people who are expected in it; one at least.
    people: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """The regions of an image to process."""

    looks: list[PlannedLook]
    #: The indices of the people who get no region because there are too many people.
    left_out: list[int]


def plan_looks(
    people: Sequence[Person],
    *,
    max_regions: int,
    region_size: int,
    whole_image: Framing | None,
    squares: bool = False,
) -> Plan:
    """
    Return the regions to process for these people, the most important first.

    `whole_image` is the framing in which people were found in the whole image, if they were. New
    people need no region if it would not show them larger, with as many pixels as a square with
    the side `region_size`, or if they are most likely nobody. People known from earlier images
    always get one, so that their keypoints do not jump in images that are searched. With
    `squares`, all regions are squares.
    """
    low, high = gather([person.pose for person in people]).boxes
    extents: list[list[float]] = (high - low).T.tolist()
    centres: list[list[float]] = ((low + high) / 2).T.tolist()
    # Image pixels in a pixel of the input for the whole image.
    whole_scale = min(whole_image.scale) if whole_image else math.inf
    regions: list[Region] = []
    members: list[list[int]] = []
    left_out: list[int] = []
    for index, ((x, y), (width, height)) in enumerate(zip(centres, extents, strict=True)):
        person = people[index]
        region = _around((x, y), (height, width), _KNOWN if person.known else _NEW)
        region = region.square if squares else region
        gain = whole_scale * region.input_side(region_size) / region.side
        if not person.known and (person.pose.score < MIN_SCORE or gain < _MIN_GAIN):
            continue
        shared = next((i for i, one in enumerate(regions) if _overlap(one, region)), None)
        if shared is not None:
            members[shared].append(index)
            regions[shared] = regions[shared].square
        elif len(regions) < max_regions:
            regions.append(region)
            members.append([index])
        else:
            left_out.append(index)
    looks = [PlannedLook(*one) for one in zip(regions, map(tuple, members), strict=True)]
    return Plan(looks, left_out)


def _around(centre: tuple[float, float], extent: tuple[float, float], margins: _Margins) -> Region:
    """Return the region around a box of (height, width) with the centre (x, y)."""
    longer = max(extent)
    along, across = margins
    side = max(longer * (1 + along), _MIN_SIDE)
    narrow = math.ceil((min(extent) + longer * across) / side * _SHARES) / _SHARES
    share = min(max(narrow, _MIN_SHARE), 1.0)
    height, width = extent
    return Region(centre, side, (1.0, share) if height >= width else (share, 1.0))


def _overlap(first: Region, second: Region) -> bool:
    """Return whether the squares around two regions overlap so much that one shows both people."""
    common = 1.0
    for a, b in zip(first.centre, second.centre, strict=True):
        start = max(a - first.side / 2, b - second.side / 2)
        end = min(a + first.side / 2, b + second.side / 2)
        common *= max(end - start, 0.0)
    union = first.side**2 + second.side**2 - common
    return common > _MAX_OVERLAP * union
