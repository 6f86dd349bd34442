"""
Which regions of an image to process again: squares around the people who are expected there.

A region is a square around a person's reliable keypoints, somewhat larger than they are. Regions
that overlap much are one region, from which all their people are decoded.

The numbers were chosen on a quarter of COCO's odd-numbered pictures (val2017), with the model
mobilenet_v1_075. "AP" is the average precision there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from posenet_ros.estimation.people_arrays import gather
from posenet_ros.framing.framing import Framing
from posenet_ros.framing.region import Region
from posenet_ros.poses import Pose

# The side of a region, as a multiple of the longer side of the box around the reliable keypoints.
# With 1.15, AP is 0.4 lower; with 1.5, it is 2 lower, as people are smaller in the region.
_MARGIN = 1.3
# In image pixels. Smaller regions show nothing.
_MIN_SIDE = 16.0
# Regions with a greater intersection over union are one region. This saves a tenth of the regions,
# and costs an AP of 0.2. With 0.3, it would save a fifth, and cost 0.6.
_MAX_OVERLAP = 0.5
# Larger people, in pixels of the network input, are found well enough in the whole image. From 200
# on, AP differs by 0.2; with 150, it is 1.1 lower.
_MAX_PERSON = 250.0
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


def plan_looks(people: Sequence[Person], *, max_regions: int, whole_image: Framing | None) -> Plan:
    """
    Return the regions to process for these people, the most important first.

    `whole_image` is the framing in which people were found in the whole image, if they were. New
    people need no region if they were large enough in that network input, or are most likely
    nobody. People known from earlier images always get one, so that their keypoints do not jump in
    images that are searched.
    """
    low, high = gather([person.pose for person in people]).boxes
    sides: list[float] = (high - low).max(axis=0).tolist()
    centres: list[list[float]] = ((low + high) / 2).T.tolist()
    large = _MAX_PERSON * min(whole_image.scale) if whole_image else 0.0
    regions: list[Region] = []
    members: list[list[int]] = []
    left_out: list[int] = []
    for index, ((x, y), side) in enumerate(zip(centres, sides, strict=True)):
        unlikely = people[index].pose.score < MIN_SCORE
        if not people[index].known and (unlikely or side > large > 0):
            continue
        region = Region((x, y), max(side * _MARGIN, _MIN_SIDE))
        shared = next((i for i, one in enumerate(regions) if _overlap(one, region)), None)
        if shared is not None:
            members[shared].append(index)
        elif len(regions) < max_regions:
            regions.append(region)
            members.append([index])
        else:
            left_out.append(index)
    looks = [PlannedLook(*one) for one in zip(regions, map(tuple, members), strict=True)]
    return Plan(looks, left_out)


def _overlap(first: Region, second: Region) -> bool:
    """Return whether two regions overlap so much that one of them shows both people."""
    common = 1.0
    for a, b in zip(first.centre, second.centre, strict=True):
        start = max(a - first.side / 2, b - second.side / 2)
        end = min(a + first.side / 2, b + second.side / 2)
        common *= max(end - start, 0.0)
    union = first.side**2 + second.side**2 - common
    return common > _MAX_OVERLAP * union
