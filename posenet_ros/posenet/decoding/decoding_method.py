"""The choice between the single-person and the multi-person decoder."""

from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.decoding.single_pose import decode_single_pose
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings


def decode_poses(heads: Heads, settings: PoseSettings) -> list[Pose]:
    """
    Decode the poses in one image, in pixels of the network input.

    All of them score at least min_pose_score. The method single_person gives at most one pose,
    and multi_person up to max_pose_detections, the one with the highest root score first.
    """
    if settings.decoding_method == 'single_person':
        pose = decode_single_pose(heads)
        return [pose] if pose.score >= settings.min_pose_score else []
    return decode_multiple_poses(
        heads,
        max_pose_detections=settings.max_pose_detections,
        score_threshold=settings.score_threshold,
        nms_radius=settings.nms_radius,
        min_pose_score=settings.min_pose_score,
    )
