"""
PoseNet: from images to heads, and from heads to poses.

`inference/runtime.py` decides which execution provider runs the graph, and when to switch to
another one.
"""

from collections.abc import Sequence
from functools import partial
import logging
from pathlib import Path
import time
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import NetworkError
from posenet_ros.framing.framing import Framing, Size
from posenet_ros.framing.whole_image import frame_whole_image
from posenet_ros.inference.execution_providers import CPU
from posenet_ros.inference.graph import FirstRun, GraphFile
from posenet_ros.inference.graph_start import Report
from posenet_ros.inference.recovery import Clock
from posenet_ros.inference.runtime import Runtime
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import new_session, SessionFactory
from posenet_ros.posenet.decoding.decoding_method import decode_poses
from posenet_ros.posenet.decoding.offset_votes import refine_keypoints
from posenet_ros.posenet.graph_feed import first_feed, make_feed
from posenet_ros.posenet.heads import Heads, split_batch
from posenet_ros.posenet.weights.catalogue import find_model
from posenet_ros.posenet.weights.graph_files import command_to_build, GRAPH_FORMAT
from posenet_ros.posenet.weights.store import engines_folder
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

T = TypeVar('T')

# A common size of the network input, (height, width).
_USUAL_SIZE = (257, 257)


class PoseNet:
    """
    A loaded PoseNet: the `PoseNetwork` whose outputs are `Heads`.

    `infer` and `decode` may be called from any thread, and both at once, but not `infer` from two
    threads at once.
    """

    def __init__(
        self,
        graph: Path,
        settings: RuntimeSettings | None = None,
        *,
        expected: Size = _USUAL_SIZE,
        report: Report | None = None,
        factory: SessionFactory = new_session,
        clock: Clock = time.monotonic,
    ) -> None:
        """
        Load a graph that `posenet download` or `posenet quantize` built, and run it once.

        `expected` is the most common (height, width) of the network input; the first run and
        TensorRT's engine use it. `report` is called with a line about each execution provider that
        fails, now or later; by default that line is logged. `factory` creates the sessions, and
        `clock` returns the time in seconds.

        Raises ModelLoadError if the file is not an ONNX graph of this release, and ProviderError
        if the execution provider in the settings cannot be used.
        """
        model = graph.parent.name
        settings = settings or RuntimeSettings()
        command = command_to_build(model, settings.precision)
        remedy = f'create it again with: {command}'
        file = GraphFile(graph, f'{model}-{graph.stem}-format{GRAPH_FORMAT}', remedy)
        self._runtime = Runtime(
            file,
            settings,
            first_run=FirstRun(expected, partial(first_feed, file, expected)),
            engines=engines_folder(),
            report=report or logging.getLogger(__name__).warning,
            factory=factory,
            clock=clock,
        )
        self._graph = graph
        self._model = self._runtime.metadata['model']
        self._output_stride = int(self._runtime.metadata['output_stride'])

    @property
    def model(self) -> str:
        """Return the model's name."""
        return self._model

    @property
    def output_stride(self) -> int:
        """Return the distance of neighbouring cells in pixels of the network input."""
        return self._output_stride

    @property
    def output_strides(self) -> tuple[int, ...]:
        """Return all output strides that the model has a graph for."""
        return find_model(self._model).output_strides

    @property
    def graph(self) -> Path:
        """Return the path of the graph."""
        return self._graph

    @property
    def execution_provider(self) -> str:
        """Return ONNX Runtime's name of the execution provider that runs the graph."""
        return self._runtime.provider.onnxruntime_name

    @property
    def prefers_one_size(self) -> bool:
        """
        Return whether each further size of the network input costs time or memory.

        On a GPU, each size needs buffers, and a recording or an engine. Only ONNX Runtime's own
        kernels on the CPU are known not to need anything.
        """
        return self._runtime.provider is not CPU

    @property
    def notices(self) -> tuple[str, ...]:
        """Return the reports about execution providers that failed, oldest first."""
        return self._runtime.notices

    @property
    def warning(self) -> str | None:
        """Return what is wrong with the execution provider now; None if nothing is."""
        return self._runtime.warning

    def frame(self, image_size: Size, settings: PoseSettings) -> Framing:
        """Return the framing of an image of (height, width) with these settings."""
        return frame_whole_image(image_size, settings, self._output_stride)

    def infer(
        self, images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing]
    ) -> list[Heads]:
        """
        Return the heads of each image in its framing, from one run.

        Images are uint8 RGB [height, width, 3]. All framings must have the same input size. Raises
        ImageError if they do not, or if an image has another size than its framing, and
        NetworkError if the sides of the network input are not valid for the output stride, if ONNX
        Runtime fails on all execution providers, or if the run is interrupted.
        """
        height, width = framings[0].input_size
        if (height - 1) % self._output_stride or (width - 1) % self._output_stride:
            raise NetworkError(
                f'the network input is {height}x{width} (height x width); each side must be a '
                f'multiple of {self._output_stride} plus 1'
            )
        count = len(images)
        if self._runtime.provider.on_gpu:
            images, framings = _pad_batch(images), _pad_batch(framings)
        outputs = self._runtime.run(make_feed(images, framings, self._output_stride))
        return split_batch((output[:count] for output in outputs), self._output_stride)

    def decode(
        self, outputs: Heads, settings: PoseSettings, *, refine: bool = False
    ) -> list[Pose]:
        """
        Return the poses in the heads of one image, in pixels of the network input.

        With `refine`, keypoints are more precise than the reference's (`offset_votes.py`).
        """
        poses = decode_poses(outputs, settings)
        return refine_keypoints(outputs, poses) if refine else poses

    def interrupt(self) -> None:
        """Make a run that is in progress in another thread fail soon."""
        self._runtime.interrupt()


def _pad_batch(batch: Sequence[T]) -> list[T]:
    """
    Return a batch whose length is a power of two, by repeating its last element.

    A GPU needs buffers, and records a run, for each length.
    """
    length = 1 << (len(batch) - 1).bit_length()
    return [*batch, *[batch[-1]] * (length - len(batch))]
