"""The settings that choose a model."""

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
    """Which graph to load."""

    model: str = setting(
        DEFAULT_MODEL,
        'Network to load. Larger models are more accurate and slower.',
        choices=MODEL_NAMES,
    )
    output_stride: int = setting(
        16,
        'Network input pixels per cell of the output heads. Smaller strides are more accurate and '
        'slower. Only mobilenet_v1_100 has 32.',
        choices=(8, 16, 32),
    )

    def __post_init__(self) -> None:
        """Raise SettingError if the model has no graph for the output stride."""
        super().__post_init__()
        check_output_stride(find_model(self.model), self.output_stride)
