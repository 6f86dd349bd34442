"""Decoding against the number of people, on heads made for a crowd."""

from collections.abc import Callable
from typing import Any

from made_heads import heads_of, standing_person
import numpy as np
from timing import summaries, take_turns

from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

#: How many people are in view.
CROWDS = (1, 2, 5, 10, 15, 20, 25, 30)

_LIMITS = {'default': PoseSettings().max_pose_detections, 'all': max(CROWDS)}

# Of places on a 257x257 input: 6 beside each other, 5 rows, each of so many pixels.
_COLUMNS = 6
_PLACE = (42, 50)
_FIRST = (24, 20)
_TALL = 40


def crowd(people: int) -> Heads:
    """Return heads [*, 17, 17] in which so many people, up to 30, are found."""
    places = [divmod(number, _COLUMNS) for number in range(people)]
    return heads_of(
        [
            standing_person(_FIRST[0] + _PLACE[0] * column, _FIRST[1] + _PLACE[1] * row, _TALL)
            for row, column in places
        ]
    )


def measure_decoding(rounds: int) -> dict[str, Any]:
    """
    Return decode times in ms by number of people, for the default limit and for all.

    `growth` is the median time of the largest crowd over that of one person, as medians of the
    ratios in each round.
    """
    found: dict[str, Any] = {}
    for limit, most in _LIMITS.items():
        calls = {str(people): _decode(crowd(people), most) for people in CROWDS}
        times = take_turns(calls, rounds)
        first, last = (times[str(people)] for people in (CROWDS[0], CROWDS[-1]))
        found[limit] = {
            'max_pose_detections': most,
            'times': summaries(times),
            'found': {people: len(call()) for people, call in calls.items()},
            'growth': round(float(np.median(np.divide(last, first))), 4),
        }
    return found


def _decode(heads: Heads, most: int) -> Callable[[], list[Pose]]:
    defaults = PoseSettings()
    return lambda: decode_multiple_poses(
        heads,
        max_pose_detections=most,
        score_threshold=defaults.score_threshold,
        nms_radius=defaults.nms_radius,
    )
