"""
Who is found in a video that a look at each whole image finds, for tools/accuracy.py.

The reference are the poses that the network finds in each whole image. A tracker joins them to
people, each of whom is in view for as long as there is a pose in every image. Another run covers a
person in an image if one of its poses there is similar.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from posenet_ros.estimation.people_arrays import gather
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking import PersonTracker, TrackingSettings

#: A pose is that of the same person if the OKS is at least this, as for the attention.
SAME = 0.3


@dataclass(frozen=True)
class Coverage:
    """How many of the people in view have a pose. People count after the time of grace."""

    #: How often somebody is in view in an image, and how often with a pose.
    seen: int
    covered: int
    #: The longest time in seconds for which somebody in view has no pose, from the first image on.
    longest_gap: float
    #: How often somebody stays without a pose for longer than the time of grace.
    lost: int


def measure_coverage(
    reference: Sequence[Sequence[Pose]],
    poses: Sequence[Sequence[Pose]],
    *,
    rate: float,
    image_size: Size,
    grace: float,
) -> Coverage:
    """
    Compare the poses in the images of a video with those of the reference.

    `rate` is in Hz, `image_size` is (height, width), and `grace` is the time in seconds for which
    somebody must be in view to count.
    """
    tracker = PersonTracker(TrackingSettings(track_min_hits=1))
    # By id, the number of images in a row: in view, and without a pose.
    in_view: dict[int, int] = {}
    gaps: dict[int, int] = {}
    seen = covered = lost = longest = 0
    limit = grace * rate
    for number, (expected, found) in enumerate(zip(reference, poses, strict=True)):
        tracked = tracker.update(expected, stamp=1 + number / rate, image_size=image_size)
        # Second poses of a person have no id.
        people = [pose for pose in tracked if pose.track_id]
        ids = [pose.track_id for pose in people]
        are_found = dict(zip(ids, _are_found(people, found), strict=True))
        in_view = {one: in_view.get(one, 0) + 1 for one in ids}
        gaps = {one: 0 if are_found[one] else gaps.get(one, 0) + 1 for one in ids}
        counted = [one for one in ids if in_view[one] > limit]
        seen += len(counted)
        covered += sum(are_found[one] for one in counted)
        lost += sum(limit < gap <= limit + 1 for gap in gaps.values())
        longest = max(longest, *gaps.values(), 0)
    return Coverage(seen, covered, longest / rate, lost)


def _are_found(people: Sequence[Pose], found: Sequence[Pose]) -> list[bool]:
    """Return for each person whether one of the poses is similar."""
    if not found:
        return [False] * len(people)
    count = len(people)
    similar = gather([*people, *found]).similarities()[:count, count:]
    are_found: list[bool] = (similar.max(axis=1) >= SAME).tolist()
    return are_found
