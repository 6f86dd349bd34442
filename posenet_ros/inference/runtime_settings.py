"""The settings of ONNX Runtime: what runs the network."""

from dataclasses import dataclass

from posenet_ros.errors import SettingError
from posenet_ros.inference.execution_providers import PRECISIONS, PROVIDERS
from posenet_ros.settings import Group, setting

#: The choice of whatever runs fastest here.
AUTO = 'auto'


@dataclass(frozen=True, kw_only=True)
class RuntimeSettings(Group):
    """Where the network runs, in which precision, and what it may use of the machine."""

    execution_provider: str = setting(
        AUTO,
        'what runs the network; auto: tensorrt if its engine was built before, else cuda, else '
        'cpu; tensorrt takes minutes the first time, to build the engine',
        choices=(AUTO, *PROVIDERS),
    )
    precision: str = setting(
        'float32',
        'precision of the arithmetic: float16 is for GPUs; bfloat16 for CPUs with AVX-512 BF16 or '
        'AMX, with openvino; int8 for the cpu',
        choices=PRECISIONS,
    )
    allow_fallback: bool = setting(
        False,
        'start on the cpu, with a warning, when the chosen execution_provider or precision is not '
        'available; otherwise refuse to start (auto always falls back)',
    )
    device_id: int = setting(0, 'number of the GPU', minimum=0, maximum=63)
    gpu_mem_limit_mb: int = setting(
        0, 'limit of GPU memory in MB; 0: no limit', minimum=0, maximum=1048576
    )
    intra_op_num_threads: int = setting(
        0, "number of CPU threads; 0: ONNX Runtime's choice", minimum=0, maximum=1024
    )

    def __post_init__(self) -> None:
        """Raise SettingError for values that no provider supports together."""
        super().__post_init__()
        chosen = self.execution_provider
        able = [one.name for one in PROVIDERS.values() if self.precision in one.precisions]
        if chosen != AUTO and chosen not in able:
            raise SettingError(
                f'precision is {self.precision}, which {chosen} does not support; set '
                f'execution_provider to {" or ".join([AUTO, *able])}, or precision to float32'
            )
