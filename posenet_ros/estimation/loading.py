"""Loading the network chosen by the settings."""

from collections.abc import Callable, Collection
from typing import Any

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.pose_network import PoseNetwork
from posenet_ros.framing.whole_image import frame_whole_image
from posenet_ros.inference.graph_start import Report
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.catalogue import MODEL_NAMES
from posenet_ros.posenet.weights.store import find_graph
from posenet_ros.settings import PoseSettings

_Loader = Callable[[ModelSettings, RuntimeSettings, PoseSettings, Report | None], PoseNetwork[Any]]

# The image size of most cameras, (height, width).
_EXPECTED_SIZE = (480, 640)


def load_estimator(
    model_settings: ModelSettings | None = None,
    pose_settings: PoseSettings | None = None,
    runtime_settings: RuntimeSettings | None = None,
    *,
    report: Report | None = None,
) -> PoseEstimator:
    """
    Load a network as `load_network` does, and return an estimator with these pose settings.

    Settings that are left out have their default values.
    """
    network = load_network(
        model_settings or ModelSettings(), runtime_settings, pose_settings, report=report
    )
    return PoseEstimator(network, pose_settings)


def load_network(
    settings: ModelSettings,
    runtime: RuntimeSettings | None = None,
    poses: PoseSettings | None = None,
    *,
    report: Report | None = None,
) -> PoseNetwork[Any]:
    """
    Load the network chosen by the settings from the user's cache, and run it once.

    The first run is on a blank input, as large as that for a 640x480 image framed according to
    `poses`. `report` is called with a line about each execution provider that fails, now or later;
    by default that line is logged.

    Raises ModelNotFoundError if the model was not downloaded, ModelLoadError if it is broken, and
    ProviderError if the execution provider in `runtime` cannot be used.
    """
    load = _loader_of(settings.model)
    return load(settings, runtime or RuntimeSettings(), poses or PoseSettings(), report)


def _load_posenet(
    settings: ModelSettings, runtime: RuntimeSettings, poses: PoseSettings, report: Report | None
) -> PoseNet:
    graph = find_graph(settings.model, settings.output_stride, runtime.precision)
    framing = frame_whole_image(_EXPECTED_SIZE, poses, settings.output_stride)
    return PoseNet(graph, runtime, expected=framing.input_size, report=report)


# The models of each family of networks, and the function that loads them.
_FAMILIES: tuple[tuple[Collection[str], _Loader], ...] = ((MODEL_NAMES, _load_posenet),)


def _loader_of(model: str) -> _Loader:
    # ModelSettings accepts only models that belong to a family.
    return next(load for models, load in _FAMILIES if model in models)
