"""Videos: their frames with times, and writing them, without ROS."""

from posenet_ros.videos.frames import FrameSelection, VideoFrame
from posenet_ros.videos.video_file import VideoFile
from posenet_ros.videos.video_writer import VideoWriter

__all__ = ['FrameSelection', 'VideoFile', 'VideoFrame', 'VideoWriter']
