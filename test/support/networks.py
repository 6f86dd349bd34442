"""Networks for tests, loaded once each."""

from functools import cache

import pytest

from posenet_ros.errors import ModelNotFoundError
from posenet_ros.estimation.estimator import load_network
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.network import Network


@cache
def load(model: str, output_stride: int) -> Network:
    """Return a network; skips the test where its model was not downloaded."""
    try:
        return load_network(ModelSettings(model=model, output_stride=output_stride))
    except ModelNotFoundError as error:
        pytest.skip(str(error))
