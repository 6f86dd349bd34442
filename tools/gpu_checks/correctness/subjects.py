"""What is checked: test pictures, the graphs of all models, and networks loaded from them."""

from collections.abc import Iterator
from dataclasses import dataclass
import os
from pathlib import Path

import cv2
from gpu_checks.plan import Plan
from gpu_checks.process import ROOT
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import PosenetError
from posenet_ros.image_files import read_image
from posenet_ros.inference.graph_start import Report
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL, MODELS
from posenet_ros.posenet.weights.store import find_graph

Image = NDArray[np.uint8]

#: The output stride of the default network.
DEFAULT_STRIDE = 16

#: (height, width) of the images whose speed is measured.
IMAGE_SIZES = {'640x480': (480, 640), '1920x1080': (1080, 1920), '3840x2160': (2160, 3840)}

_PICTURES = (
    ROOT / 'demo' / 'people.jpg',
    ROOT / 'posenet_ros' / 'posenet' / 'weights' / 'calibration.jpg',
)
# The folder of more pictures, as in test/support/golden.py.
_MORE = Path(os.environ.get('POSENET_GOLDEN', ROOT.parent / 'shared' / 'golden'))


@dataclass(frozen=True)
class Graph:
    """A graph that a machine has, or lacks."""

    model: str
    output_stride: int
    precision: str
    #: None if it is missing.
    path: Path | None
    #: Why it is missing.
    reason: str = ''

    @property
    def name(self) -> str:
        """Return the name for tables."""
        return f'{self.model} stride {self.output_stride} {self.precision}'


def find_pictures() -> dict[str, Image]:
    """Return all test pictures on this machine by name, uint8 RGB [height, width, 3]."""
    return dict(_find_pictures())


def _find_pictures() -> Iterator[tuple[str, Image]]:
    for path in (*_PICTURES, *sorted(_MORE.glob('*.png'))):
        yield path.name, read_image(path)
    try:
        import skimage.data
    except ImportError:
        return
    yield 'astronaut', np.asarray(skimage.data.astronaut(), np.uint8)


def people(height: int, width: int) -> Image:
    """Return the picture of two people in a size, uint8 RGB [height, width, 3]."""
    return np.asarray(cv2.resize(read_image(_PICTURES[0]), (width, height)), np.uint8)


def find_graphs(precision: str) -> list[Graph]:
    """Return the graphs of all models and output strides, also those that are missing."""
    return [
        _find(model.name, stride, precision)
        for model in MODELS.values()
        for stride in model.output_strides
    ]


def _find(model: str, output_stride: int, precision: str) -> Graph:
    try:
        path = find_graph(model, output_stride, precision)
    except PosenetError as error:
        return Graph(model, output_stride, precision, None, str(error))
    return Graph(model, output_stride, precision, path)


def default_graph(precision: str = 'float32') -> Path:
    """Return the path of the default network's graph; raises what `find_graph` raises."""
    return find_graph(DEFAULT_MODEL, DEFAULT_STRIDE, precision)


def load(
    plan: Plan, graph: Path, *, precision: str = 'float32', report: Report | None = None
) -> PoseNet:
    """
    Load a graph on the execution provider under test.

    `report` is called with each line that a node would log. Raises ProviderError if the provider
    cannot be used.
    """
    settings = RuntimeSettings(
        execution_provider=plan.provider, precision=precision, device_id=plan.device_id
    )
    return PoseNet(graph, settings, report=report)
