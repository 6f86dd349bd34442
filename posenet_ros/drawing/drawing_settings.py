"""The settings for drawing."""

from dataclasses import dataclass

from posenet_ros.settings import Group, setting


@dataclass(frozen=True, kw_only=True)
class DrawingSettings(Group):
    """Which people and keypoints are drawn."""

    draw_min_pose_score: float = setting(
        0.15,
        'Minimum score of a person to be drawn, if it is higher than min_pose_score.',
        minimum=0.0,
        maximum=1.0,
    )
    draw_min_keypoint_score: float = setting(
        0.3,
        'Minimum score of a keypoint to be drawn.',
        minimum=0.0,
        maximum=1.0,
    )
