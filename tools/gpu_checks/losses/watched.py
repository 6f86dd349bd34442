"""
A network that is watched while its GPU fails.

Its clock only advances when a step says so, so that waits of minutes take no time. For each image,
a step records who processed it, whether its poses are right, and what a node would log.
"""

import time
from typing import Any

from gpu_checks.correctness.comparison import keypoint_distances
from gpu_checks.correctness.distances import join
from gpu_checks.correctness.reference import Reference
from gpu_checks.correctness.subjects import default_graph, people
from gpu_checks.gpu.device import Device, open_device
from gpu_checks.plan import Plan, Result
from gpu_checks.targets import holds

from posenet_ros.errors import PosenetError
from posenet_ros.estimation.agreement import Agreement
from posenet_ros.framing.framing import Size
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.execution_providers import PROVIDERS
from posenet_ros.inference.recovery import FIRST_WAIT_S
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import new_session, SessionFactory
from posenet_ros.posenet.network import PoseNet

#: The usual input size, with which a network starts, and one that needs 60 times the memory.
SMALL: Size = (257, 257)
LARGE: Size = (2033, 2033)
#: Seconds after which a provider that was dropped is tried for the first time.
RETRY_S = FIRST_WAIT_S + 1
#: Why nothing was provoked in a rehearsal.
NO_GPU = 'there is no GPU'

# The poses of an image are right if no keypoint is farther from the CPU's, in pixels.
_RIGHT_PX = 1.0


class Watched:
    """A network, and the steps that it has taken."""

    def __init__(
        self, plan: Plan, *, factory: SessionFactory = new_session, **settings: Any
    ) -> None:
        """
        Load the default network, with these RuntimeSettings besides provider and device.

        Raises ProviderError if the provider cannot be used.
        """
        self._provider = PROVIDERS[plan.provider].onnxruntime_name
        self._now = 0.0
        self._reported: list[str] = []
        self._network = PoseNet(
            default_graph(),
            RuntimeSettings(
                execution_provider=plan.provider, device_id=plan.device_id, **settings
            ),
            expected=SMALL,
            report=self._reported.append,
            factory=factory,
            clock=lambda: self._now,
        )
        self._reported_at_start = tuple(self._reported)
        self._reference = Reference()
        self._image = people(480, 640)
        self.steps: list[Result] = []

    @property
    def was_disturbed(self) -> bool:
        """Return whether anything was reported since the start."""
        return any(step['reported'] for step in self.steps)

    @property
    def runs_on_device(self) -> bool:
        """Return whether the latest image was processed by the provider under test."""
        return bool(self.steps[-1]['provider'] == self._provider)

    def run(self, what: str, size: Size = SMALL, *, after_s: float = 0.0) -> None:
        """Process one image after some seconds of the network's clock, and record the step."""
        self._now += after_s
        reported = len(self._reported)
        framing = stretched((480, 640), size)
        begin, error, agreement = time.monotonic(), '', join([])
        try:
            (found,) = self._network.infer([self._image], [framing])
            seconds = time.monotonic() - begin
            (expected,) = self._reference.infer([self._image], [framing])
            agreement = Agreement(keypoint_distances(expected, found))
        except PosenetError as failure:
            seconds, error = time.monotonic() - begin, str(failure)
        self.steps.append(
            {
                'step': what,
                'size': f'{size[0]}x{size[1]}',
                'provider': self._network.execution_provider,
                'seconds': round(seconds, 3),
                'keypoints': len(agreement.distances),
                'right': not error and agreement.share_within(_RIGHT_PX) == 1.0,
                'error': error,
                'reported': self._reported[reported:],
            }
        )

    def result(self, *, provoked: bool | None, reason: str = '', returns: bool = True) -> Result:
        """
        Return the steps and the targets.

        `provoked` is whether the failure was provoked, None if it could not be, with the reason.
        `returns` is whether the provider under test must have processed the last image.
        """
        wrong = [step['step'] for step in self.steps if not step['right']]
        returned = self.runs_on_device if provoked else None
        targets = [
            holds('the failure was provoked', provoked, reason or None),
            holds('each image was processed, with the right poses', not wrong, ', '.join(wrong)),
        ]
        if returns:
            targets.append(holds('the provider returned after the wait', returned))
        return {
            'provoked': provoked,
            'reason': reason,
            'returned': returned,
            'reported_at_start': list(self._reported_at_start),
            'steps': self.steps,
            'targets': targets,
        }


def open_watched(plan: Plan, **settings: Any) -> tuple[Watched, Device | None]:
    """Return a network that has processed two images, and the GPU; None in a rehearsal."""
    watched = Watched(plan, **settings)
    for _ in range(2):
        watched.run('before')
    return watched, open_device(plan)
