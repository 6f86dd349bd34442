"""What a run of the GPU checks is to do, and what a part of it returns."""

from collections.abc import Callable
from dataclasses import dataclass
import math
from typing import Any, TypeAlias

#: What a part found, as JSON.
Result: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a run is to do."""

    #: The execution provider under test: cuda, tensorrt, or cpu for a rehearsal.
    provider: str
    device_id: int
    #: Whether each part only does enough to show that it works; its figures mean nothing.
    quick: bool

    @property
    def is_rehearsal(self) -> bool:
        """Return whether there is no GPU, so the CPU takes its place."""
        return self.provider == 'cpu'

    def allow(self, seconds: float) -> float:
        """Return the seconds; infinity with TensorRT, which builds engines for minutes."""
        return math.inf if self.provider == 'tensorrt' else seconds


#: Checks or measures one thing.
Part: TypeAlias = Callable[[Plan], Result]
