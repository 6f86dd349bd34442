"""The settings of ONNX Runtime, which runs the network."""

from dataclasses import dataclass

from posenet_ros.errors import SettingError
from posenet_ros.inference.execution_providers import PRECISIONS, PROVIDERS
from posenet_ros.settings import Group, setting

#: The value that chooses the fastest execution provider on this machine.
AUTO = 'auto'


@dataclass(frozen=True, kw_only=True)
class RuntimeSettings(Group):
    """Where the network runs, in which precision, and how much of the machine it may use."""

    execution_provider: str = setting(
        AUTO,
        'Execution provider that runs the network. auto chooses tensorrt if its engine was built '
        'before, else cuda, else cpu. tensorrt takes minutes to build its engine the first time.',
        choices=(AUTO, *PROVIDERS),
    )
    precision: str = setting(
        'float32',
        'Numeric precision of the network: float16 for GPUs, bfloat16 for openvino on CPUs with '
        'AVX-512 BF16 or AMX, int8 for cpu.',
        choices=PRECISIONS,
    )
    allow_fallback: bool = setting(
        False,
        'Fall back to cpu, with a warning, if the chosen execution_provider or precision is not '
        'available. Otherwise, loading the model fails. auto always falls back, except from '
        'bfloat16.',
    )
    device_id: int = setting(0, 'Index of the GPU.', minimum=0, maximum=63)
    gpu_mem_limit_mb: int = setting(
        0, 'Maximum GPU memory in MB. 0 means no limit.', minimum=0, maximum=1048576
    )
    intra_op_num_threads: int = setting(
        0, 'CPU threads of the network. With 0, ONNX Runtime chooses.', minimum=0, maximum=1024
    )

    def __post_init__(self) -> None:
        """Raise SettingError if the execution provider does not support the precision."""
        super().__post_init__()
        chosen = self.execution_provider
        able = [one.name for one in PROVIDERS.values() if self.precision in one.precisions]
        if chosen != AUTO and chosen not in able:
            raise SettingError(
                f'precision is {self.precision}, which {chosen} does not support; set '
                f'execution_provider to {" or ".join([AUTO, *able])}, or precision to float32'
            )
