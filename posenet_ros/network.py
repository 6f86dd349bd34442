"""The network: from images to heads, with ONNX Runtime."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import onnxruntime

from posenet_ros.errors import ModelLoadError, NetworkError
from posenet_ros.heads import CHANNELS, Heads
from posenet_ros.input_transform import Size
from posenet_ros.weights.store import GRAPH_FORMAT

_HEADS = list(CHANNELS)


class Network:
    """A loaded graph. `run` may be called from any thread, one at a time."""

    def __init__(self, graph: Path) -> None:
        """
        Load a graph that `posenet download` made.

        Raises ModelLoadError when the file is no ONNX graph of this package.
        """
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors only: warnings speak of optimisations
        remedy = f'make it anew: posenet download {graph.parent.name}'
        try:
            self._session = onnxruntime.InferenceSession(
                str(graph), options, providers=['CPUExecutionProvider']
            )
        # ONNX Runtime's exceptions have no common class but Exception.
        except Exception as error:
            raise ModelLoadError(f'{graph} cannot be loaded: {error}\n{remedy}') from error
        self._run_options = onnxruntime.RunOptions()
        metadata = self._session.get_modelmeta().custom_metadata_map
        if metadata.get('graph_format') != str(GRAPH_FORMAT):
            raise ModelLoadError(
                f'{graph} is not a graph of this release of posenet_ros\n{remedy}'
            )
        self.model: str = metadata['model']
        self.output_stride = int(metadata['output_stride'])

    @property
    def execution_provider(self) -> str:
        """Return the name of the execution provider that runs the graph."""
        provider: str = self._session.get_providers()[0]
        return provider

    def interrupt(self) -> None:
        """Make a run that is under way in another thread fail soon."""
        self._run_options.terminate = True

    def run(self, images: NDArray[np.uint8], input_size: Size) -> list[Heads]:
        """
        Sample images, uint8 RGB [N, height, width, 3], to the input size; returns their heads.

        The input size is (height, width), both valid sides for the output stride. Raises
        NetworkError when they are not, or when ONNX Runtime fails.
        """
        height, width = input_size
        if (height - 1) % self.output_stride or (width - 1) % self.output_stride:
            raise NetworkError(
                f'the network input is {height}x{width} (height x width), expected sides that '
                f'are a multiple of {self.output_stride} plus 1'
            )
        inputs = {'image': images, 'input_size': np.array(input_size, np.int64)}
        self._run_options = options = onnxruntime.RunOptions()
        try:
            outputs = self._session.run(_HEADS, inputs, options)
        except Exception as error:  # ONNX Runtime's own have no other common class
            raise NetworkError(
                f'{self.execution_provider} failed on an input of {height}x{width}: {error}'
            ) from error
        return [
            Heads(**dict(zip(_HEADS, heads, strict=True)), output_stride=self.output_stride)
            for heads in zip(*outputs, strict=True)
        ]
