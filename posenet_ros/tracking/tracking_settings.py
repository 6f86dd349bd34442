"""The settings of tracking and smoothing."""

from dataclasses import dataclass

from posenet_ros.settings import Group, setting


@dataclass(frozen=True, kw_only=True)
class TrackingSettings(Group):
    """How people get their ids, and how much their keypoints are smoothed."""

    tracking: bool = setting(
        True,
        'Give each person an id that stays the same from image to image.',
    )
    track_max_age: float = setting(
        1.0,
        'Seconds after which a person who is not found any more loses the id. Whoever comes back '
        'later gets a new one. Increase it if people are hidden for longer.',
        minimum=0.0,
        maximum=60.0,
    )
    track_min_similarity: float = setting(
        0.25,
        'Minimum similarity of a pose to a known person, 0 to 1, to be taken for that person. '
        'Increase it if people get the ids of others, decrease it if ids change for no reason.',
        minimum=0.01,
        maximum=1.0,
    )
    track_min_hits: int = setting(
        3,
        'Number of images in which a new person must be found to get an id; an image without the '
        'person takes one away, and after the first one, a pose with a score below 0.45 counts as '
        'score / 0.45. Until then, the id is 0. Increase it if things that are not people get '
        'ids.',
        minimum=1,
        maximum=100,
    )
    smoothing: bool = setting(
        True,
        'Show the smoothed keypoints of people with ids in markers and annotated images, and '
        'smooth their positions in poses_3d. poses_smoothed has them in any case. Needs tracking.',
    )
    smoothing_min_cutoff: float = setting(
        0.3,
        'Cutoff frequency in Hz for a keypoint at rest. Decrease it for less jitter, increase it '
        'for less lag when a movement starts.',
        minimum=0.01,
        maximum=100.0,
    )
    smoothing_beta: float = setting(
        8.0,
        'How much the cutoff frequency rises with speed: Hz for each body size per second. '
        'Increase it for less lag of fast movements, decrease it for less jitter.',
        minimum=0.0,
        maximum=1000.0,
    )
    smoothing_hold: bool = setting(
        False,
        'Keep a keypoint that is lost where it was, with a falling score, for track_max_age.',
    )
