"""Which PoseNet is loaded."""

from dataclasses import dataclass

from posenet_ros.posenet.weights.catalogue import (
    check_output_stride,
    DEFAULT_MODEL,
    find_model,
    MODEL_NAMES,
)
from posenet_ros.settings import Group, setting


@dataclass(frozen=True, kw_only=True)
class ModelSettings(Group):
    """Which graph is loaded."""

    model: str = setting(
        DEFAULT_MODEL,
        'the network; larger ones are surer and slower',
        choices=MODEL_NAMES,
    )
    output_stride: int = setting(
        16,
        'pixels of the network input between cells of its heads; smaller is finer and slower '
        '(32 only with mobilenet_v1_100)',
        choices=(8, 16, 32),
    )

    def __post_init__(self) -> None:
        """Raise SettingError for values that name no graph."""
        super().__post_init__()
        check_output_stride(find_model(self.model), self.output_stride)
