import re

import pytest

from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL, Model, MODELS


@pytest.mark.parametrize('model', MODELS.values(), ids=MODELS)
def test_the_official_place_comes_first(model: Model) -> None:
    assert model.sources[0].folder.startswith('https://')
    assert not model.sources[0].npm_package


@pytest.mark.parametrize('model', MODELS.values(), ids=MODELS)
def test_every_npm_package_has_a_version_and_known_files(model: Model) -> None:
    for source in model.sources[1:]:
        assert re.search(r'[a-z]@\d+\.\d+\.\d+$', source.npm_package)
        assert source.manifest in source.sha256
        assert len(source.sha256) > 1


def test_the_default_model_can_be_verified() -> None:
    assert MODELS[DEFAULT_MODEL].weights_sha256


def test_a_model_whose_files_could_not_be_checked_is_marked() -> None:
    assert not MODELS['mobilenet_v1_050'].weights_sha256
