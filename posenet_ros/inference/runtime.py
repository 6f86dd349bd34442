"""
A graph on an execution provider, and on the next one when that fails.

The candidates (`execution_providers.candidates`) are tried in order until one passes
`verified_session` and a first run. It then runs everything. When it fails at run time its session
is made anew, once; when it fails again, the next candidate takes over until the graph is loaded
again. Every such change is reported, and kept in `notices`.
"""

from pathlib import Path
from typing import Any

from posenet_ros.errors import ModelLoadError, NetworkError, ProviderError
from posenet_ros.framing.framing import Size
from posenet_ros.inference.execution_providers import candidates, CPU, ExecutionProvider
from posenet_ros.inference.graph_runs import GraphRun, Images, Outputs
from posenet_ros.inference.graph_start import FirstRun, GraphStart, Report
from posenet_ros.inference.nvidia import find_driver
from posenet_ros.inference.provider_causes import cause_of
from posenet_ros.inference.runtime_settings import AUTO, RuntimeSettings
from posenet_ros.inference.sessions import is_built_in, SessionFactory


class Runtime:
    """Runs a graph. `run` may be called from any thread, one at a time."""

    def __init__(
        self,
        graph: Path,
        settings: RuntimeSettings,
        *,
        first_run: FirstRun,
        report: Report,
        factory: SessionFactory,
    ) -> None:
        """
        Load a graph onto the first candidate that works.

        Raises ProviderError when none may be used, and ModelLoadError for a broken graph.
        """
        self._settings = settings
        self._report = report
        self._driver = find_driver()
        self._graph = GraphStart(graph, settings, first_run, self._driver, report, factory)
        #: What became of the choice: a line for each candidate that failed, oldest first.
        self.notices: list[str] = []
        #: ONNX Runtime's metadata of the graph.
        self.metadata: dict[str, str] = {}
        self._candidates = candidates(
            settings.execution_provider,
            tensorrt=settings.tensorrt,
            precision=settings.precision,
        )
        self._made_anew = False
        self._run: GraphRun | None = self._open(may_fall_back=self._may_fall_back())

    @property
    def provider(self) -> ExecutionProvider:
        """Return the execution provider that runs the graph."""
        return self._candidates[0]

    def run(self, images: Images, input_size: Size, options: Any) -> Outputs:
        """
        Return the heads, float32 [N, C, H, W], of images, uint8 [N, height, width, 3].

        Raises what ONNX Runtime raises, and NetworkError when there is no session left that
        could be made.
        """
        if self._run is None:
            self._run = self._next()
        return self._run(images, input_size, options)

    def recover(self, words: str) -> None:
        """
        Make ready for another try after a run failed with these words of ONNX Runtime.

        Raises NetworkError when nothing is left to try: the last candidate was made anew before.
        """
        cause = cause_of(words)
        last = len(self._candidates) == 1
        if self._made_anew and last:
            raise NetworkError(f'{self.provider.name} failed: {cause}')
        self._run = None  # first: its memory may be what the next session lacks
        failed = f'{self.provider.name} failed: {cause}'
        if self._made_anew:
            self._candidates.pop(0)
            self._run = self._next()
            self._notice(f'{failed}; {self.provider.name} runs the network now')
            return
        self._made_anew = True
        try:
            self._run = self._start(self.provider)
        except ProviderError as error:
            if last:
                raise NetworkError(str(error)) from error
            self._candidates.pop(0)
            self._run = self._next()
            self._notice(f'{failed}; then {error}; {self.provider.name} runs the network now')
            return
        self._notice(f'{failed}; its session was made anew')

    def _next(self) -> GraphRun:
        try:
            run = self._open(may_fall_back=True)
        except (ModelLoadError, ProviderError) as error:
            raise NetworkError(str(error)) from error
        self._made_anew = False
        return run

    def _may_fall_back(self) -> bool:
        """Return whether another than the first candidate would be what the settings ask for."""
        by_itself = self._settings.execution_provider == AUTO
        return self._settings.allow_fallback or (
            by_itself and self._settings.precision in CPU.precisions
        )

    def _open(self, *, may_fall_back: bool) -> GraphRun:
        """Start the first candidate that works, and drop those before it."""
        failures: list[str] = []
        while True:
            provider = self._candidates[0]
            try:
                run = self._start(provider)
                break
            except ProviderError as error:
                if len(self._candidates) == 1:
                    raise
                if not may_fall_back:
                    raise ProviderError(
                        f'{error} (or start on the CPU with allow_fallback: true)'
                    ) from error
                self._candidates.pop(0)
                if self._is_missed(provider):
                    failures.append(str(error))
        if failures:
            self._notice(f'{"; ".join(failures)}; {provider.name} runs the network')
        if provider is CPU and self._settings.precision != 'float32':
            self._say_slow_precision()
        return run

    def _is_missed(self, provider: ExecutionProvider) -> bool:
        """Return whether it is news that a provider fails: it was asked for, or prepared for."""
        asked = self._settings.execution_provider != AUTO or provider.name == 'openvino'
        return asked or self._driver is not None or is_built_in(provider)

    def _say_slow_precision(self) -> None:
        precision = self._settings.precision
        if precision == 'float16':
            self._notice('precision float16 is slower than float32 on the cpu; set float32 there')
        elif precision not in CPU.precisions:
            self._notice(f'the cpu has no {precision}; it runs the network in float32')

    def _start(self, provider: ExecutionProvider) -> GraphRun:
        started = self._graph.on(provider)
        self.metadata = started.metadata
        return started.run

    def _notice(self, line: str) -> None:
        self.notices.append(line)
        self._report(line)
