"""
The estimator that is measured, and the bare session run with which it is compared.

Input: a model, settings and an image. Output: functions to measure.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import new_session, Providers, run_options
from posenet_ros.posenet.graph_feed import graph_inputs
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.store import find_graph
from posenet_ros.settings import PoseSettings

#: The network's input size in the benchmark, unless a row has another.
INPUT_SIZE = '257x257'

_HEADS = list(CHANNELS)

# The session of each network, for bare runs.
_sessions: dict[Path, Any] = {}
_runtime = RuntimeSettings()


def use_provider(name: str) -> None:
    """Load networks on this execution provider from now on, instead of the default."""
    global _runtime
    _runtime = RuntimeSettings(execution_provider=name)


@cache
def network(model: str = 'mobilenet_v1_075', output_stride: int = 16) -> PoseNet:
    """Return a network, loaded once: a second session would compete for the same cores."""
    created: list[Any] = []

    def create(graph: Path, providers: Providers, threads: int) -> Any:
        created.append(new_session(graph, providers, threads))
        return created[-1]

    loaded = PoseNet(find_graph(model, output_stride), _runtime, factory=create)
    _sessions[loaded.graph] = created[-1]
    return loaded


def estimator(loaded: PoseNet | None = None, **settings: Any) -> PoseEstimator:
    """Return an estimator, by default with the benchmark's network and input size."""
    settings = settings or {'input_size': INPUT_SIZE}
    return PoseEstimator(loaded or network(), PoseSettings(**settings))


def bare_run(estimating: PoseEstimator, image: NDArray[np.uint8]) -> Callable[[], object]:
    """
    Return a function that only calls ONNX Runtime's `session.run`, with its inputs ready.

    It uses the session of the estimator's network, so that threads, precision and execution
    provider are the same. `image` is uint8 RGB [height, width, 3].
    """
    session = _sessions[estimating.network.graph]
    inputs = graph_inputs([image], [estimating.frame((image.shape[0], image.shape[1]))])
    options = run_options()
    # With CUDA graphs, ONNX Runtime records a run by default. Later runs would replay it, and so
    # neither read their inputs nor return outputs. Only runs with bound buffers can be recorded.
    options.add_run_config_entry('gpu_graph_id', '-1')
    return lambda: session.run(_HEADS, inputs, options)
