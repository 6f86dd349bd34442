"""Drawing poses onto images."""

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.drawing.drawing_settings import DrawingSettings

__all__ = ['DrawingSettings', 'draw_poses']
