"""Where to look in the images of a camera, given the people in the images before, without ROS."""

from posenet_ros.attention.person_follower import PersonFollower

__all__ = ['PersonFollower']
