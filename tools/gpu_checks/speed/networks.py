"""Networks whose runs are measured: in the product's own session, on a stream with events."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from gpu_checks.correctness.subjects import DEFAULT_STRIDE
from gpu_checks.gpu.stream import Stream
from gpu_checks.plan import Plan, Result

from posenet_ros.errors import ProviderError
from posenet_ros.inference.execution_providers import PROVIDERS
from posenet_ros.inference.graph import Feed
from posenet_ros.inference.graph_runs import DeviceBuffers
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import new_session, Providers, run_options
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL
from posenet_ros.posenet.weights.store import find_graph

#: What a run may be measured in. tf32 is float32 with TensorFloat-32, which the package turns off.
PRECISIONS = ('float32', 'tf32', 'float16')

# PoseNet records its own runs under the numbers from 1 to 8.
_FIRST_RECORDING = 1000


@dataclass(frozen=True)
class Variant:
    """A network and the precision of its runs."""

    model: str = DEFAULT_MODEL
    output_stride: int = DEFAULT_STRIDE
    #: One of PRECISIONS.
    precision: str = 'float32'
    #: Names and values of options of the CUDA provider that differ from the package's.
    options: tuple[tuple[str, str], ...] = ()

    @property
    def graph_precision(self) -> str:
        """Return the precision of the graph."""
        return 'float32' if self.precision == 'tf32' else self.precision

    def __str__(self) -> str:
        """Return the name for tables."""
        options = ''.join(f' {name}={value}' for name, value in self.options)
        return f'{self.model} stride {self.output_stride} {self.precision}{options}'


class BoundRuns:
    """Runs of a session with one binding."""

    def __init__(self, session: Any, binding: Any, recording: int) -> None:
        """Run a session on what is bound; `recording` is 0 if the provider records no runs."""
        self._session = session
        self._binding = binding
        self._recording = recording

    def run(self, *, wait: bool = True, replay: bool = True) -> None:
        """
        Run the session.

        Without `wait`, return once the run was enqueued. When they replay a recorded run, releases
        of ONNX Runtime before its pull request 28686 (June 2026) wait nevertheless. Without
        `replay`, run node by node.
        """
        options = run_options()
        if self._recording:
            options.add_run_config_entry('gpu_graph_id', str(self._recording if replay else -1))
        if not wait:
            options.add_run_config_entry('disable_synchronize_execution_providers', '1')
        self._session.run_with_iobinding(self._binding, options)


class MeasuredNetwork:
    """A PoseNet, the session that it uses, and the stream on which the session runs."""

    def __init__(
        self, plan: Plan, variant: Variant, stream: Stream, *, on_stream: bool = True
    ) -> None:
        """
        Load a network; with `on_stream`, its session uses the stream.

        Raises what `find_graph` and `PoseNet` raise.
        """
        self.variant = variant
        self.stream = stream
        #: Whether events on the stream measure the session's runs.
        self.is_on_stream = on_stream
        self.notices: list[str] = []
        self._expected = PROVIDERS[plan.provider].onnxruntime_name
        self._sessions: list[Any] = []
        self._providers: Providers = []
        self._numbers = count(_FIRST_RECORDING)
        self.network = PoseNet(
            find_graph(variant.model, variant.output_stride, variant.graph_precision),
            RuntimeSettings(
                execution_provider=plan.provider,
                precision=variant.graph_precision,
                device_id=plan.device_id,
            ),
            report=self.notices.append,
            factory=self._create,
        )
        self._created = len(self._sessions)

    @property
    def replays(self) -> bool:
        """Return whether runs are recorded as CUDA graphs."""
        return any('enable_cuda_graph' in options for _, options in self._providers)

    @property
    def session(self) -> Any:
        """Return the session that the network uses."""
        return self._sessions[-1]

    def buffers(self, feed: Feed) -> DeviceBuffers:
        """Return the package's buffers for a feed, on the device."""
        return DeviceBuffers(self.session, feed, self.stream.device)

    def runs(self, binding: Any) -> BoundRuns:
        """Return the runs with a binding, which are recorded under a number of their own."""
        return BoundRuns(self.session, binding, next(self._numbers) if self.replays else 0)

    def describe(self) -> Result:
        """
        Return what was measured.

        Raises RuntimeError if the network has switched to another execution provider, or created
        its session again.
        """
        used = self.network.execution_provider
        if used != self._expected or len(self._sessions) > self._created:
            raise RuntimeError(f'{used} runs the network: {"; ".join(self.network.notices)}')
        return {
            'network': str(self.variant),
            'provider': used,
            'cuda_graphs': self.replays,
            'on_our_stream': self.is_on_stream,
            'notices': self.notices,
        }

    def _create(self, graph: Path, providers: Providers, threads: int) -> Any:
        self._providers = [(name, self._with(name, options)) for name, options in providers]
        self._sessions.append(new_session(graph, self._providers, threads))
        return self._sessions[-1]

    def _with(self, name: str, options: dict[str, str]) -> dict[str, str]:
        """Return the product's options of a provider, with those that are measured."""
        if name not in ('CUDAExecutionProvider', 'TensorrtExecutionProvider'):
            return options
        changed = dict(options)
        if name == 'CUDAExecutionProvider':
            changed['use_tf32'] = str(int(self.variant.precision == 'tf32'))
            changed.update(self.variant.options)
        if self.is_on_stream and self.stream.address:
            changed['user_compute_stream'] = str(self.stream.address)
        return changed


def open_network(plan: Plan, variant: Variant, stream: Stream) -> MeasuredNetwork:
    """
    Load a network whose session uses the stream, or, if the provider refuses that, its own.

    Raises what `find_graph` and `PoseNet` raise.
    """
    try:
        return MeasuredNetwork(plan, variant, stream)
    except ProviderError as error:
        opened = MeasuredNetwork(plan, variant, stream, on_stream=False)
        opened.notices.append(f'not on our stream: {error}')
        return opened
