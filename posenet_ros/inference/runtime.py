"""
Running a graph on an execution provider, and on the next one if that fails.

The candidates (`execution_providers.candidates`) are tried in order until one starts
(`graph_start`). When a run fails, its session is created again and the run is repeated. If that
candidate soon fails again, the next one that starts takes over (`fallback`), and a later run tries
to return to the one that failed (`recovery`). If none is left, the run fails with NetworkError.
Each of these changes is reported and kept in `notices`.
"""

from pathlib import Path
import time

from posenet_ros.errors import ModelLoadError, NetworkError, ProviderError
from posenet_ros.inference.execution_providers import candidates, ExecutionProvider, has_engine
from posenet_ros.inference.fallback import Fallback
from posenet_ros.inference.graph import Feed, FirstRun, GraphFile, Metadata
from posenet_ros.inference.graph_runs import GraphRun, Outputs
from posenet_ros.inference.graph_start import GraphStart, Report, StartedGraph
from posenet_ros.inference.machine.nvidia import find_driver
from posenet_ros.inference.notices import Notices
from posenet_ros.inference.provider_causes import cause_of
from posenet_ros.inference.recovery import Clock, Recovery
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import is_invalid_input, run_options, SessionFactory


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
        clock: Clock = time.monotonic,
    ) -> None:
        """
        Load a graph on the first candidate that works.

        `engines` is the folder for the engines of all graphs, `report` is called with a line about
        each provider that fails or works again, `factory` creates the sessions, and `clock`
        returns the time in seconds.

        Raises ProviderError if no candidate can be used, and ModelLoadError if the graph cannot be
        loaded.
        """
        self._settings = settings
        self._report = report
        self._driver = find_driver()
        self._start = GraphStart(
            graph, settings, first_run, engines, self._driver, report, factory
        )
        self._notices = Notices(report)
        #: The graph's metadata.
        self.metadata: Metadata = {}
        self._recovery = Recovery(
            candidates(
                settings.execution_provider,
                precision=settings.precision,
                engine_is_built=has_engine(self._start.request),
            ),
            clock,
        )
        self._options = run_options()
        self._fallback = Fallback(self._start, self._recovery, self._notices.add)
        self._run: GraphRun | None = self._use(self._fallback.start_first())
        self._warning_at_start = '; '.join(self.notices) or None

    @property
    def provider(self) -> ExecutionProvider:
        """Return the execution provider that runs the graph."""
        return self._recovery.provider

    @property
    def notices(self) -> tuple[str, ...]:
        """Return a line for each recent change of the provider or of how it runs, oldest first."""
        return self._notices.lines

    @property
    def warning(self) -> str | None:
        """
        Return what is wrong now; None if nothing is.

        It is the latest notice while a provider is dropped and for `RESTART_COUNTS_S` after a
        restart; at other times, it is the notices of the start, which still apply.
        """
        if self._recovery.is_settled:
            return self._warning_at_start
        return self.notices[-1] if self.notices else None

    def run(self, feed: Feed) -> Outputs:
        """
        Return the outputs of the first attempt that succeeds, in the order of the feed's shapes.

        Raises NetworkError when ONNX Runtime refuses the inputs, when it fails and no candidate
        is left, or when the run was interrupted.
        """
        while True:
            self._options = run_options()  # the options of a run cannot be used again
            try:
                self._return_to_dropped()
                if self._run is None:
                    self._run = self._open_next()
                    self._notices.add(f'{self.provider.name} now runs the network')
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
        failed = f'{self.provider.name} failed: {cause}'
        if not self._recovery.may_restart:
            if self._recovery.is_last:
                raise NetworkError(failed)
            self._drop_provider(failed)
            return
        self._run = None  # free the memory first: the next session may need it
        self._recovery.note_restart()
        try:
            self._run = self._use(self._start.on(self.provider))
        except (ModelLoadError, ProviderError) as error:
            if self._recovery.is_last:
                raise NetworkError(str(error)) from error
            self._drop_provider(f'{failed}; then {error}')
            return
        self._notices.add(f'{failed}; its session was created again')

    def _drop_provider(self, failed: str) -> None:
        """Switch to the next candidate that works."""
        self._run = None
        dropped = self.provider.name
        self._recovery.drop()
        again = f'{dropped} is tried again in {self._recovery.retry_minutes} minutes'
        try:
            self._run = self._open_next()
        except NetworkError as error:
            self._notices.add(f'{failed}; then {error}; {again}')
            raise
        self._notices.add(f'{failed}; {self.provider.name} now runs the network, and {again}')

    def _return_to_dropped(self) -> None:
        """
        Switch back to the first dropped provider that works, if it is time to try.

        The present session, if any, is kept until the new one has completed its first run.
        """
        for provider in self._recovery.due():
            if provider.builds_engine and not has_engine(self._start.request):
                continue  # building one takes minutes
            try:
                self._run = self._use(self._start.on(provider))
            except (ModelLoadError, ProviderError) as error:
                self._report(
                    f'{error}; the network stays on {self.provider.name}, and {provider.name} is '
                    f'tried again in {self._recovery.retry_minutes} minutes'
                )
                continue
            self._recovery.return_to(provider)
            self._notices.add(f'{provider.name} works again and runs the network')
            return

    def _open_next(self) -> GraphRun:
        """Start the first candidate that works; raises NetworkError if none does."""
        try:
            return self._use(self._fallback.start_first(is_recovery=True))
        except (ModelLoadError, ProviderError) as error:
            raise NetworkError(str(error)) from error

    def _use(self, started: StartedGraph) -> GraphRun:
        self.metadata = started.metadata
        return started.run
