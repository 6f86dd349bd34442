"""All parameters of posenet_node."""

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.quality import QualitySettings
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.ros.parameters.node_settings import NodeSettings
from posenet_ros.ros.pipeline.image_settings import OutputSettings
from posenet_ros.settings import Group, PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

#: All groups of parameters, and whether the parameters of each group can change at run time.
PARAMETERS: dict[type[Group], bool] = {
    NodeSettings: False,
    QualitySettings: False,
    ModelSettings: False,
    RuntimeSettings: False,
    PoseSettings: True,
    AttentionSettings: True,
    TrackingSettings: True,
    OutputSettings: True,
    DrawingSettings: True,
}
