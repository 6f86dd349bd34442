"""The settings that can change from one image to the next."""

from dataclasses import dataclass

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.settings import Group, PoseSettings, setting
from posenet_ros.tracking.tracking_settings import TrackingSettings


@dataclass(frozen=True, kw_only=True)
class OutputSettings(Group):
    """What the node publishes besides the poses, and how."""

    annotated_image: bool = setting(
        True,
        'Publish image_annotated and image_annotated/compressed while somebody subscribes to '
        'them. If false, publish neither.',
    )
    jpeg_quality: int = setting(
        80, 'JPEG quality of image_annotated/compressed.', minimum=1, maximum=100
    )
    marker_distance: float = setting(
        2.0,
        'Distance in metres from the camera to the plane on which pose_markers are drawn.',
        minimum=0.1,
        maximum=100.0,
    )


@dataclass(frozen=True)
class ImageSettings:
    """All settings that can change from one image to the next; each image carries its own."""

    poses: PoseSettings
    attention: AttentionSettings
    tracking: TrackingSettings
    output: OutputSettings
    drawing: DrawingSettings
