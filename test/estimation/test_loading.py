from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import ModelNotFoundError, ProviderError
from posenet_ros.estimation.loading import load_estimator, load_network
from posenet_ros.framing.whole_image import frame_whole_image
from posenet_ros.inference import graph_runs, runtime
from posenet_ros.inference.graph import Feed
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.catalogue import MODEL_NAMES
from posenet_ros.settings import PoseSettings

pytestmark = pytest.mark.usefixtures('network_075')

CPU = RuntimeSettings(execution_provider='cpu')


@pytest.mark.parametrize('output_stride', [8, 16])
def test_the_settings_choose_the_network(output_stride: int) -> None:
    network = load_network(ModelSettings(output_stride=output_stride), CPU)
    assert isinstance(network, PoseNet)
    assert (network.model, network.output_stride) == ('mobilenet_v1_075', output_stride)


@pytest.mark.parametrize('model', MODEL_NAMES)
def test_every_model_has_a_loader(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    with pytest.raises(ModelNotFoundError, match=f'posenet download {model}'):
        load_network(ModelSettings(model=model))


def test_the_precision_chooses_the_graph() -> None:
    network = load_network(
        ModelSettings(), RuntimeSettings(execution_provider='cpu', precision='float16')
    )
    assert network.graph.name == 'stride16-float16.onnx'


@pytest.mark.parametrize('poses', [PoseSettings(), PoseSettings(input_size='257x353')])
def test_the_first_run_has_the_input_size_according_to_the_settings(
    poses: PoseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds: list[Feed] = []
    run = graph_runs.PlainRun.__call__

    def record(self: graph_runs.PlainRun, feed: Feed, options: Any) -> graph_runs.Outputs:
        feeds.append(feed)
        return run(self, feed, options)

    monkeypatch.setattr(graph_runs.PlainRun, '__call__', record)
    load_network(ModelSettings(), CPU, poses)
    framing = frame_whole_image((480, 640), poses, 16)
    (feed,) = feeds
    assert feed.inputs['top_left'].shape == (1, *framing.input_size, 3)


@pytest.mark.parametrize(
    'load',
    [
        lambda runtime, report: load_network(ModelSettings(), runtime, report=report),
        lambda runtime, report: load_estimator(runtime_settings=runtime, report=report),
    ],
    ids=['load_network', 'load_estimator'],
)
def test_failures_of_execution_providers_are_reported(
    load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, 'find_driver', lambda: None)
    reported: list[str] = []
    load(RuntimeSettings(execution_provider='cuda', allow_fallback=True), reported.append)
    (line,) = reported
    assert 'no NVIDIA driver is installed' in line


def test_an_estimator_has_the_given_settings(astronaut: NDArray[np.uint8]) -> None:
    nobody = PoseSettings(score_threshold=1.0)
    assert load_estimator(pose_settings=nobody).estimate(astronaut) == []
    assert load_estimator(ModelSettings(output_stride=8)).network.output_stride == 8


def test_an_estimator_without_settings_has_the_defaults(astronaut: NDArray[np.uint8]) -> None:
    estimator = load_estimator()
    assert (estimator.network.model, estimator.settings) == ('mobilenet_v1_075', PoseSettings())


def test_a_provider_that_cannot_be_used_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, 'find_driver', lambda: None)
    with pytest.raises(ProviderError, match='cuda cannot be used'):
        load_estimator(runtime_settings=RuntimeSettings(execution_provider='cuda'))
