"""
Running a graph on an execution provider, and on the next one if that fails.

The candidates (`execution_providers.candidates`) are tried in order until one starts
(`graph_start`). When a run fails, its session is created again and the run is repeated. If that
candidate fails again, the next one that starts takes over. If none is left, the run fails with
NetworkError. Each of these changes is reported and kept in `notices`.
"""

from pathlib import Path

from posenet_ros.errors import ModelLoadError, NetworkError, ProviderError
from posenet_ros.inference.execution_providers import (
    candidates,
    CPU,
    ExecutionProvider,
    has_engine,
)
from posenet_ros.inference.graph import Feed, FirstRun, GraphFile, Metadata
from posenet_ros.inference.graph_runs import GraphRun, Outputs
from posenet_ros.inference.graph_start import GraphStart, Report
from posenet_ros.inference.nvidia import find_driver
from posenet_ros.inference.provider_causes import cause_of
from posenet_ros.inference.runtime_settings import AUTO, RuntimeSettings
from posenet_ros.inference.sessions import (
    is_built_in,
    is_invalid_input,
    run_options,
    SessionFactory,
)


class Runtime:
    """Runs a graph. `run` may be called from any thread, but not from two at once."""

    def __init__(
        self,
        graph: GraphFile,
        settings: RuntimeSettings,
        *,
        first_run: FirstRun,
        engines: Path,
        report: Report,
        factory: SessionFactory,
    ) -> None:
        """
        Load a graph on the first candidate that works.

        `engines` is the folder for the engines of all graphs, `report` is called with a line about
        each provider that fails, and `factory` creates the sessions.

        Raises ProviderError if no candidate can be used, and ModelLoadError if the graph cannot be
        loaded.
        """
        self._settings = settings
        self._report = report
        self._driver = find_driver()
        self._start = GraphStart(
            graph, settings, first_run, engines, self._driver, report, factory
        )
        #: A line for each event that changed which provider runs the graph or how, oldest first.
        self.notices: list[str] = []
        #: The graph's metadata.
        self.metadata: Metadata = {}
        self._candidates = candidates(
            settings.execution_provider,
            precision=settings.precision,
            engine_is_built=has_engine(self._start.request),
        )
        self._was_restarted = False
        self._options = run_options()
        self._run: GraphRun | None = self._open(may_fall_back=self._may_fall_back())

    @property
    def provider(self) -> ExecutionProvider:
        """Return the execution provider that runs the graph."""
        return self._candidates[0]

    def run(self, feed: Feed) -> Outputs:
        """
        Return the outputs of the first attempt that succeeds, in the order of the feed's shapes.

        Raises NetworkError when ONNX Runtime refuses the inputs, when it fails and no candidate
        is left, or when the run was interrupted.
        """
        while True:
            self._options = run_options()  # the options of a run cannot be used again
            try:
                if self._run is None:
                    self._run = self._open_next()
                return self._run(feed, self._options)
            except NetworkError:
                raise
            except Exception as error:  # the exceptions of ONNX Runtime share no other base class
                # Keep the message only: the error refers to the session, which must be freed.
                message = str(error)
            where = f'({self.provider.onnxruntime_name}, {feed.input_shapes})'
            if self._options.terminate:
                raise NetworkError(f'interrupted {where}')
            if is_invalid_input(message):
                raise NetworkError(f'{message} {where}')
            self._recover(message)
            if self._options.terminate:
                raise NetworkError(f'interrupted {where}')

    def interrupt(self) -> None:
        """Make a run that is in progress in another thread fail soon."""
        self._options.terminate = True

    def _recover(self, message: str) -> None:
        """
        Prepare another attempt after a run failed with this message from ONNX Runtime.

        Raises NetworkError if nothing is left to try: the last candidate was already restarted.
        """
        cause = cause_of(message)
        is_last = len(self._candidates) == 1
        failed = f'{self.provider.name} failed: {cause}'
        if self._was_restarted and is_last:
            raise NetworkError(failed)
        self._run = None  # free the memory first: the next session may need it
        if self._was_restarted:
            self._drop_candidate(failed)
            return
        self._was_restarted = True
        try:
            self._run = self._start_on(self.provider)
        except ProviderError as error:
            if is_last:
                raise NetworkError(str(error)) from error
            self._drop_candidate(f'{failed}; then {error}')
            return
        self._notice(f'{failed}; its session was created again')

    def _drop_candidate(self, failed: str) -> None:
        """Switch to the next candidate that works."""
        self._candidates.pop(0)
        self._run = self._open_next()
        self._notice(f'{failed}; {self.provider.name} now runs the network')

    def _open_next(self) -> GraphRun:
        try:
            run = self._open(may_fall_back=True)
        except (ModelLoadError, ProviderError) as error:
            raise NetworkError(str(error)) from error
        self._was_restarted = False
        return run

    def _may_fall_back(self) -> bool:
        """Return whether the settings allow candidates other than the first."""
        is_auto = self._settings.execution_provider == AUTO
        return self._settings.allow_fallback or (
            is_auto and self._settings.precision in CPU.precisions
        )

    def _open(self, *, may_fall_back: bool) -> GraphRun:
        """Start the first candidate that works, and drop those before it."""
        failures: list[str] = []
        while True:
            provider = self._candidates[0]
            try:
                run = self._start_on(provider)
                break
            except ProviderError as error:
                if len(self._candidates) == 1:
                    raise
                if not may_fall_back:
                    raise ProviderError(
                        f'{error} (or start on the CPU with allow_fallback: true)'
                    ) from error
                self._candidates.pop(0)
                if self._is_expected(provider):
                    failures.append(str(error))
        if failures:
            self._notice(f'{"; ".join(failures)}; {provider.name} runs the network')
        if provider is CPU and self._settings.precision != 'float32':
            self._notice_slow_precision()
        return run

    def _is_expected(self, provider: ExecutionProvider) -> bool:
        """Return whether a provider should work because it was chosen or is installed."""
        is_chosen = self._settings.execution_provider != AUTO or provider.name == 'openvino'
        return is_chosen or self._driver is not None or is_built_in(provider)

    def _notice_slow_precision(self) -> None:
        precision = self._settings.precision
        if precision == 'float16':
            self._notice('precision float16 is slower than float32 on the cpu; set float32 there')
        elif precision not in CPU.precisions:
            self._notice(f'the cpu does not support {precision}; it runs the network in float32')

    def _start_on(self, provider: ExecutionProvider) -> GraphRun:
        started = self._start.on(provider)
        self.metadata = started.metadata
        return started.run

    def _notice(self, line: str) -> None:
        self.notices.append(line)
        self._report(line)
