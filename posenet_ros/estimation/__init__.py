"""
Poses from images: the entry point of the library.

A name of posenet_ros is public if it is in an `__all__`. Only public modules have an `__all__`.
Everything else may change in any release.
"""

from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.closer_look import CloserLook
from posenet_ros.estimation.estimator import Inferred, PoseEstimator
from posenet_ros.estimation.loading import load_estimator, load_network
from posenet_ros.estimation.pose_network import PoseNetwork
from posenet_ros.estimation.quality import settings_for
from posenet_ros.framing.framing import Framing
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

__all__ = [
    'AttentionSettings',
    'CloserLook',
    'Framing',
    'Inferred',
    'ModelSettings',
    'Pose',
    'PoseEstimator',
    'PoseNetwork',
    'PoseSettings',
    'RuntimeSettings',
    'load_estimator',
    'load_network',
    'settings_for',
]
