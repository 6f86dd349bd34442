"""Networks for tests, each loaded once."""

from functools import cache

import pytest

from posenet_ros.errors import ModelNotFoundError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_network
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.network import PoseNet


@cache
def load(model: str, output_stride: int) -> PoseNet:
    """Return a network; skips the test if its model was not downloaded."""
    try:
        network = load_network(ModelSettings(model=model, output_stride=output_stride))
    except ModelNotFoundError as error:
        pytest.skip(str(error))
    assert isinstance(network, PoseNet)
    return network


def count_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with each run of a network in this process."""
    runs: list[int] = []
    infer = PoseEstimator.infer_framed

    def counted(self: PoseEstimator, *arguments: object) -> object:
        runs.append(1)
        return infer(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(PoseEstimator, 'infer_framed', counted)
    return runs
