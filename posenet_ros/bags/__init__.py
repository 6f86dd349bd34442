"""Recordings of ROS 2 (bags): poses for the images in them, without ROS."""
