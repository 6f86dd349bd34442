"""
Measure multi-person decoding of an increasing number of people.

Input: the number of rounds. Output: decoding times in ms by number of people, on synthetic heads.
"""

from collections.abc import Callable
from typing import Any

from made_heads import heads_of, standing_person
from parts.timing import median_ratio, summarize, time_in_turns

from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

#: The numbers of people in view.
CROWDS = (1, 2, 5, 10, 15, 20, 25, 30)

_LIMITS = {'default': PoseSettings().max_pose_detections, 'all': max(CROWDS)}

# People stand in rows of 6, on a 257x257 input: spacing, first person and height in pixels.
_COLUMNS = 6
_SPACING = (42, 50)
_FIRST = (24, 20)
_HEIGHT = 40


def make_crowd(people: int) -> Heads:
    """Return heads [*, 17, 17] that contain this number of people, at most 30."""
    places = [divmod(number, _COLUMNS) for number in range(people)]
    return heads_of(
        [
            standing_person(
                _FIRST[0] + _SPACING[0] * column, _FIRST[1] + _SPACING[1] * row, _HEIGHT
            )
            for row, column in places
        ]
    )


def measure_decoding(rounds: int) -> dict[str, Any]:
    """
    Return decoding times in ms by number of people, for the default limit and for all people.

    `growth` is the median ratio of the largest crowd's time to that of one person.
    """
    figures: dict[str, Any] = {}
    for name, limit in _LIMITS.items():
        calls = {str(people): _decode(make_crowd(people), limit) for people in CROWDS}
        times = time_in_turns(calls, rounds)
        figures[name] = {
            'max_pose_detections': limit,
            'times': {people: summarize(values) for people, values in times.items()},
            'found': {people: len(call()) for people, call in calls.items()},
            'growth': median_ratio(times, str(CROWDS[-1]), str(CROWDS[0])),
        }
    return figures


def _decode(heads: Heads, limit: int) -> Callable[[], list[Pose]]:
    defaults = PoseSettings()
    return lambda: decode_multiple_poses(
        heads,
        max_pose_detections=limit,
        score_threshold=defaults.score_threshold,
        nms_radius=defaults.nms_radius,
        min_pose_score=defaults.min_pose_score,
    )
