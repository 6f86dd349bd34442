"""Decoders: from heads to poses, in pixels of the network input."""

from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.decoding.single_pose import decode_single_pose

__all__ = ['decode_multiple_poses', 'decode_single_pose']
