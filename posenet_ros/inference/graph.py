"""The description of a graph: its file, its inputs and its outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ModelLoadError

Metadata = Mapping[str, str]

#: Tensors that share memory start at multiples of this many bytes. ONNX Runtime's allocations on a
#: GPU do as well, and TensorRT requires it.
ALIGNMENT = 256


@dataclass(frozen=True)
class GraphFile:
    """An ONNX file."""

    path: Path
    #: Identifies the graph among all graphs whose engines share a cache folder.
    name: str
    #: What to do if the file cannot be loaded, for messages.
    remedy: str

    def load_error(self, reason: object) -> ModelLoadError:
        """Return the error that says why the file is not a graph that can be run."""
        return ModelLoadError(f'{self.path} cannot be loaded: {reason}\n{self.remedy}')


@dataclass(frozen=True)
class Layout:
    """How the inputs of a feed lie in the memory that they share."""

    #: In bytes.
    size: int
    #: The start of each input, in bytes.
    offsets: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Feed:
    """The tensors of one run. All outputs are float32."""

    inputs: Mapping[str, NDArray[Any]]
    #: The shape of each output, which depends only on the shapes of the inputs.
    output_shapes: Mapping[str, tuple[int, ...]]

    @property
    def input_bytes(self) -> int:
        """Return the number of bytes of all inputs."""
        return sum(tensor.nbytes for tensor in self.inputs.values())

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes on which the memory of a run depends."""
        inputs = (tensor.shape for tensor in self.inputs.values())
        return (*inputs, *self.output_shapes.values())

    @property
    def layout(self) -> Layout | None:
        """
        Return how the inputs lie in the memory that they share: one copy can upload all of them.

        None unless they are contiguous views of one array of bytes, uint8 [size], which all start
        at a multiple of `ALIGNMENT`.
        """
        arrays = list(self.inputs.values())
        shared = arrays[0].base
        if not isinstance(shared, np.ndarray) or shared.ndim != 1 or shared.dtype != np.uint8:
            return None
        if not all(one.base is shared and one.flags.c_contiguous for one in arrays):
            return None
        start = shared.ctypes.data
        offsets = tuple(one.ctypes.data - start for one in arrays)
        if not shared.flags.c_contiguous or any(offset % ALIGNMENT for offset in offsets):
            return None
        return Layout(shared.nbytes, offsets)

    @property
    def input_shapes(self) -> str:
        """Return the shapes of the inputs, for messages."""
        return ', '.join(f'{name} {list(tensor.shape)}' for name, tensor in self.inputs.items())


@dataclass(frozen=True)
class FirstRun:
    """The run that a session must complete before it is used."""

    #: The most common input sizes; an engine is built for them and named after them.
    sizes: tuple[int, ...]
    #: Returns the feed for a graph with this metadata; raises ModelLoadError if the graph is not
    #: one of this release.
    feed: Callable[[Metadata], Feed]
