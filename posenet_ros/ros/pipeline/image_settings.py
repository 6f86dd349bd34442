"""The settings that apply to one image on its way through the pipeline."""

from dataclasses import dataclass

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.settings import Group, PoseSettings, setting


@dataclass(frozen=True, kw_only=True)
class OutputSettings(Group):
    """What is published besides the poses, and how."""

    annotated_image: bool = setting(
        True,
        'publish image_annotated, raw or compressed, while someone subscribes to it; '
        'false: neither',
    )
    jpeg_quality: int = setting(
        80, 'quality of image_annotated/compressed', minimum=1, maximum=100
    )
    marker_distance: float = setting(
        2.0,
        'metres from the camera to the plane that pose_markers are on',
        minimum=0.1,
        maximum=100.0,
    )


@dataclass(frozen=True)
class ImageSettings:
    """All settings that can change from one image to the next; each image keeps its own."""

    poses: PoseSettings
    output: OutputSettings
    drawing: DrawingSettings
