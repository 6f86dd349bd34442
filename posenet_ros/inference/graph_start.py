"""
A graph started on one execution provider, and seen to run there.

Before it counts: what is known to be missing is asked for, the session's providers are read back,
and it runs once.
"""

from collections.abc import Callable
import contextlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from posenet_ros.errors import ModelLoadError, ProviderError
from posenet_ros.framing.framing import Size
from posenet_ros.inference.execution_providers import (
    engine_folder,
    ExecutionProvider,
    provider_list,
    Request,
    without_replay,
)
from posenet_ros.inference.graph_runs import BoundRun, GPU_MEMORY, GraphRun, PlainRun
from posenet_ros.inference.nvidia import Driver
from posenet_ros.inference.provider_causes import cause_of
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import (
    environment,
    failure,
    obstacle,
    Providers,
    run_options,
    Session,
    SessionFactory,
    verified_session,
)
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT
from posenet_ros.posenet.weights.store import engines_folder

#: Takes a line that an operator should read.
Report = Callable[[str], None]


@dataclass(frozen=True)
class FirstRun:
    """The sizes, (height, width), of the run that a session has to pass before it is used."""

    image_size: Size = (480, 640)
    input_size: Size = (257, 257)


@dataclass(frozen=True)
class StartedGraph:
    """A graph that runs, and ONNX Runtime's metadata of it."""

    run: GraphRun
    metadata: dict[str, str]


@dataclass(frozen=True)
class GraphStart:
    """All that starting a graph takes, whichever the execution provider."""

    graph: Path
    settings: RuntimeSettings
    first_run: FirstRun
    driver: Driver | None
    report: Report
    factory: SessionFactory

    def on(self, provider: ExecutionProvider) -> StartedGraph:
        """
        Start the graph on a provider.

        Raises ProviderError, with cause and remedy, when it does not run there, and
        ModelLoadError for a broken graph.
        """
        request = self._request()
        cause = obstacle(provider, request, self.driver)
        if cause is not None:
            raise failure(provider, cause)
        providers = provider_list(provider, request)
        folder = engine_folder(request) if provider.builds_engine else None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            if not any(folder.iterdir()):
                self.report(f'building the {provider.name} engine, this takes minutes, once')
        try:
            return self._tried(provider, providers, replays=provider.replays)
        except ProviderError as error:
            if not provider.replays:
                raise
            # Not every graph can be recorded on every release; without it is only slower.
            started = self._tried(provider, without_replay(providers), replays=False)
            self.report(f'{provider.name} runs without CUDA graphs: {error}')
            return started
        finally:
            if folder is not None:
                with contextlib.suppress(OSError):
                    folder.rmdir()  # where nothing was built

    def _tried(
        self, provider: ExecutionProvider, providers: Providers, *, replays: bool
    ) -> StartedGraph:
        """Return the graph once it passed the first run."""
        session = verified_session(
            self.graph,
            provider,
            providers,
            threads=self.settings.intra_op_num_threads,
            factory=self.factory,
        )
        metadata = self._checked_metadata(session)
        output_stride = int(metadata['output_stride'])
        run = self._run_of(session, provider, output_stride, replays=replays)
        height, width = self.first_run.image_size
        images = np.zeros((1, height, width, 3), np.uint8)
        try:
            run(images, self.first_run.input_size, run_options())
        except Exception as error:  # ONNX Runtime's own have no other common class
            raise failure(provider, cause_of(str(error))) from error
        return StartedGraph(run, metadata)

    def _checked_metadata(self, session: Session) -> dict[str, str]:
        metadata: dict[str, str] = session.get_modelmeta().custom_metadata_map
        if metadata.get('graph_format') != str(GRAPH_FORMAT):
            raise ModelLoadError(
                f'{self.graph} is not a graph of this release of posenet_ros\n'
                f'make it anew: posenet download {self.graph.parent.name}'
            )
        return metadata

    def _run_of(
        self, session: Session, provider: ExecutionProvider, output_stride: int, *, replays: bool
    ) -> GraphRun:
        if not provider.on_gpu:
            return PlainRun(session)
        return BoundRun(
            session,
            output_stride=output_stride,
            device=GPU_MEMORY,
            device_id=self.settings.device_id,
            replays=replays,
        )

    def _request(self) -> Request:
        settings = self.settings
        return Request(
            graph=f'{self.graph.parent.name}-{self.graph.stem}',
            input_size=self.first_run.input_size,
            precision=settings.precision,
            device_id=settings.device_id,
            gpu_mem_limit_mb=settings.gpu_mem_limit_mb,
            intra_op_num_threads=settings.intra_op_num_threads,
            cache=engines_folder(),
            environment=environment(self.driver, settings.device_id),
        )
