"""The memory of this process and of the GPU over many runs."""

from collections.abc import Sequence
from pathlib import Path
import re
import statistics

from gpu_checks.gpu.device import Device
from gpu_checks.plan import Result
from gpu_checks.targets import at_most

_STATUS = Path('/proc/self/status')

# Of resident memory, as in the benchmark.
_MAX_RATIO = 1.02
_MAX_GPU_GROWTH_MB = 8.0


def host_mb() -> float:
    """Return the resident memory of this process in MB."""
    match = re.search(r'^VmRSS:\s*(\d+) kB', _STATUS.read_text(), re.MULTILINE)
    assert match is not None
    return int(match[1]) / 1024


class MemorySamples:
    """The memory of the host and of the GPU at several times."""

    def __init__(self, device: Device | None) -> None:
        """Take the first sample; without a device, only of the host."""
        self._device = device
        self._host: list[float] = []
        self._gpu: list[float] = []
        self.sample()

    def sample(self) -> None:
        """Measure both once."""
        self._host.append(host_mb())
        if self._device is not None:
            self._gpu.append(self._device.used_mb())

    @property
    def host(self) -> dict[str, float]:
        """Return the memory of this process in the first and in the last tenth, in MB."""
        return _ends(self._host)

    @property
    def gpu(self) -> dict[str, float] | None:
        """Return the same for the GPU; None without one."""
        return _ends(self._gpu) if self._gpu else None

    def host_target(self) -> Result:
        """Return the target that the memory of this process does not grow."""
        ratio = round(self.host['last_tenth'] / self.host['first_tenth'], 4)
        return at_most('host memory, last tenth / first tenth', ratio, _MAX_RATIO)

    def gpu_target(self) -> Result:
        """Return the target that the memory of the GPU does not grow; undecided without one."""
        gpu = self.gpu
        growth = None if gpu is None else round(gpu['last_tenth'] - gpu['first_tenth'], 2)
        return at_most('growth of GPU memory', growth, _MAX_GPU_GROWTH_MB, 'MB')


def _ends(samples: Sequence[float]) -> dict[str, float]:
    """Return the median of the first and of the last tenth of the samples."""
    tenth = max(1, len(samples) // 10)
    ends = {'first_tenth': samples[:tenth], 'last_tenth': samples[-tenth:]}
    return {name: round(statistics.median(end), 1) for name, end in ends.items()}
