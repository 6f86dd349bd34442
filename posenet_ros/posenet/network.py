"""
The network: from images to heads, with ONNX Runtime.

Which execution provider runs it, and when another one takes over, is told in
`inference/runtime.py`: the first of the candidates that works at the start; the same once more,
made anew, when it fails; the next one when it fails again.
"""

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import NetworkError
from posenet_ros.framing.framing import Size
from posenet_ros.inference.graph_runs import Images, Outputs
from posenet_ros.inference.graph_start import FirstRun, Report
from posenet_ros.inference.runtime import Runtime
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import (
    is_callers_mistake,
    new_session,
    run_options,
    SessionFactory,
)
from posenet_ros.posenet.heads import CHANNELS, Heads


class Network:
    """A loaded graph. `run` may be called from any thread, one at a time."""

    def __init__(
        self,
        graph: Path,
        settings: RuntimeSettings | None = None,
        *,
        first_run: FirstRun | None = None,
        report: Report | None = None,
        factory: SessionFactory = new_session,
    ) -> None:
        """
        Load a graph that `posenet download` made, and run it once.

        `first_run` has the sizes that are expected. `report` takes a line about each execution
        provider that failed, at the start and later; left out, the log of Python does. `factory`
        makes the sessions.

        Raises ModelLoadError when the file is no ONNX graph of this package, and ProviderError
        when the settings ask for an execution provider that cannot be used.
        """
        self._runtime = Runtime(
            graph,
            settings or RuntimeSettings(),
            first_run=first_run or FirstRun(),
            report=report or logging.getLogger(__name__).warning,
            factory=factory,
        )
        self._run_options = run_options()
        self.model: str = self._runtime.metadata['model']
        self.output_stride = int(self._runtime.metadata['output_stride'])

    @property
    def execution_provider(self) -> str:
        """Return ONNX Runtime's name of the execution provider that runs the graph."""
        return self._runtime.provider.onnxruntime_name

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what was reported of execution providers that failed, oldest first."""
        return tuple(self._runtime.notices)

    def interrupt(self) -> None:
        """Make a run that is under way in another thread fail soon."""
        self._run_options.terminate = True

    def run(self, images: NDArray[np.uint8], input_size: Size) -> list[Heads]:
        """
        Sample images, uint8 RGB [N, height, width, 3], to the input size; returns their heads.

        The input size is (height, width), both valid sides for the output stride. Raises
        NetworkError when they are not, when ONNX Runtime fails and nothing else can take over, or
        when the run was interrupted.
        """
        height, width = input_size
        if (height - 1) % self.output_stride or (width - 1) % self.output_stride:
            raise NetworkError(
                f'the network input is {height}x{width} (height x width), expected sides that '
                f'are a multiple of {self.output_stride} plus 1'
            )
        outputs = self._run_until_done(images, input_size)
        return [
            Heads(**dict(zip(CHANNELS, heads, strict=True)), output_stride=self.output_stride)
            for heads in zip(*outputs, strict=True)
        ]

    def _run_until_done(self, images: Images, input_size: Size) -> Outputs:
        """Return the heads of images, uint8 [N, height, width, 3], from whatever can give them."""
        self._run_options = run_options()
        while True:
            try:
                return self._runtime.run(images, input_size, self._run_options)
            except NetworkError:
                raise
            except Exception as error:  # ONNX Runtime's own have no other common class
                # Only its words go on: the error holds the session, which has to be let go.
                words = str(error)
            height, width = input_size
            where = f'{self.execution_provider}, input of {height}x{width}'
            if self._run_options.terminate:
                raise NetworkError(f'interrupted ({where})')
            if is_callers_mistake(words):
                raise NetworkError(f'{words} ({where})')
            self._runtime.recover(words)
            if self._run_options.terminate:
                raise NetworkError(f'interrupted ({where})')
            self._run_options = run_options()  # those of a run cannot be used again
