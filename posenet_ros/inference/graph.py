"""A graph as its owner describes it: where it is, and what goes in and comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

Metadata = Mapping[str, str]


@dataclass(frozen=True)
class GraphFile:
    """An ONNX file."""

    path: Path
    #: Identifies the graph among all graphs whose engines share a cache folder.
    name: str
    #: What to do when the file cannot be loaded, as a message says it.
    remedy: str


@dataclass(frozen=True, eq=False)
class Feed:
    """
    The tensors of one run.

    Inputs of dtype int64 are sizes or shapes, which a graph reads on the host; all other inputs
    are data. All outputs are float32.
    """

    inputs: Mapping[str, NDArray[Any]]
    #: The shape of each output. It follows from the shapes of the data and from the sizes.
    output_shapes: Mapping[str, tuple[int, ...]]

    @property
    def input_shapes(self) -> str:
        """Return the shapes of the inputs, for messages."""
        return ', '.join(f'{name} {list(tensor.shape)}' for name, tensor in self.inputs.items())


@dataclass(frozen=True)
class FirstRun:
    """The run that a session must complete before it is used."""

    #: The sizes that the graph will mostly run at; an engine is built for them and named by them.
    sizes: tuple[int, ...]
    #: Returns the feed for a graph that has this metadata; raises ModelLoadError when the graph
    #: is not one of this release.
    feed: Callable[[Metadata], Feed]
