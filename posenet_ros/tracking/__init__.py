"""Who is who over time: ids of people, and smooth keypoints, without ROS."""

from posenet_ros.tracking.person_tracker import PersonTracker
from posenet_ros.tracking.smoothing import PoseSmoother
from posenet_ros.tracking.tracking_settings import TrackingSettings

__all__ = ['PersonTracker', 'PoseSmoother', 'TrackingSettings']
