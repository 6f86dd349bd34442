"""
Starting a graph on one execution provider.

A start succeeds if there is no known obstacle, if the session reports that it uses the provider,
and if a first run succeeds.
"""

from collections.abc import Callable, Iterator
import contextlib
from dataclasses import dataclass
from pathlib import Path

from posenet_ros.errors import ProviderError
from posenet_ros.inference.execution_providers import (
    engine_folder,
    ExecutionProvider,
    has_engine,
    provider_list,
    Request,
    without_replay,
)
from posenet_ros.inference.graph import FirstRun, GraphFile, Metadata
from posenet_ros.inference.graph_runs import BoundRun, GPU_MEMORY, GraphRun, PlainRun
from posenet_ros.inference.machine.nvidia import Driver
from posenet_ros.inference.provider_causes import Cause
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import (
    environment,
    known_obstacle,
    provider_error,
    Providers,
    run_options,
    Session,
    SessionFactory,
    start_error,
    verified_session,
)

#: Called with each line that an operator should read.
Report = Callable[[str], None]


@dataclass(frozen=True)
class StartedGraph:
    """A graph that runs, and its metadata."""

    run: GraphRun
    metadata: Metadata


@dataclass(frozen=True)
class GraphStart:
    """Everything that is needed to start a graph on any execution provider."""

    graph: GraphFile
    settings: RuntimeSettings
    first_run: FirstRun
    #: Folder for the engines of all graphs.
    engines: Path
    driver: Driver | None
    report: Report
    factory: SessionFactory

    @property
    def request(self) -> Request:
        """Return the request on which the options of a provider depend."""
        settings = self.settings
        return Request(
            graph=self.graph.name,
            sizes=self.first_run.sizes,
            precision=settings.precision,
            device_id=settings.device_id,
            gpu_mem_limit_mb=settings.gpu_mem_limit_mb,
            intra_op_num_threads=settings.intra_op_num_threads,
            cache=self.engines,
            environment=environment(self.driver, settings.device_id),
        )

    def on(self, provider: ExecutionProvider) -> StartedGraph:
        """
        Start the graph on a provider.

        Raises ProviderError, with cause and remedy, if it does not run there, and ModelLoadError
        if the graph cannot be loaded.
        """
        request = self.request
        cause = known_obstacle(provider, request, self.driver)
        if cause is not None:
            raise provider_error(provider, cause)
        providers = provider_list(provider, request)
        with self._engine_folder(provider, request):
            try:
                return self._start(provider, providers, replays=provider.replays)
            except ProviderError as error:
                if not provider.replays:
                    raise
                # Not every release can record every graph. Without recording, it is slower.
                started = self._start(provider, without_replay(providers), replays=False)
                self.report(f'{provider.name} runs without CUDA graphs: {error}')
                return started

    @contextlib.contextmanager
    def _engine_folder(self, provider: ExecutionProvider, request: Request) -> Iterator[None]:
        """Provide the folder for a provider's engine, if the provider builds one."""
        if not provider.builds_engine:
            yield
            return
        folder = engine_folder(request)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            cause = Cause(f'its engine cannot be stored: {error}', 'set POSENET_HOME to a folder')
            raise provider_error(provider, cause) from error
        if not has_engine(request):
            self.report(f'building the {provider.name} engine; this takes minutes, once')
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                folder.rmdir()  # fails unless the folder is empty

    def _start(
        self, provider: ExecutionProvider, providers: Providers, *, replays: bool
    ) -> StartedGraph:
        """Create a session, run it once and return the started graph."""
        session = verified_session(
            self.graph,
            provider,
            providers,
            threads=self.settings.intra_op_num_threads,
            factory=self.factory,
        )
        try:
            metadata: Metadata = session.get_modelmeta().custom_metadata_map
        except UnicodeDecodeError as error:
            raise self.graph.load_error(error) from error
        feed = self.first_run.feed(metadata)
        run = self._run_of(session, provider, replays=replays)
        try:
            outputs = run(feed, run_options())
        except Exception as error:  # the exceptions of ONNX Runtime share no other base class
            raise start_error(self.graph, provider, error) from error
        shapes = {name: one.shape for name, one in zip(feed.output_shapes, outputs, strict=True)}
        if shapes != dict(feed.output_shapes):
            reason = f'its outputs have the shapes {shapes}, expected {dict(feed.output_shapes)}'
            raise self.graph.load_error(reason)
        return StartedGraph(run, metadata)

    def _run_of(self, session: Session, provider: ExecutionProvider, *, replays: bool) -> GraphRun:
        if not provider.on_gpu:
            return PlainRun(session)
        device_id = self.settings.device_id
        return BoundRun(session, device=GPU_MEMORY, device_id=device_id, replays=replays)
