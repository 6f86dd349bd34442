import re

import pytest

from posenet_ros.errors import SettingError
from posenet_ros.posenet.weights.catalogue import (
    check_output_stride,
    DEFAULT_MODEL,
    find_model,
    Model,
    MODELS,
)


@pytest.mark.parametrize('model', MODELS.values(), ids=MODELS)
def test_the_official_source_comes_first(model: Model) -> None:
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


def test_a_model_that_was_never_fetched_has_no_sha256() -> None:
    assert not MODELS['mobilenet_v1_050'].weights_sha256


def test_an_unknown_model_is_refused_with_the_names_of_all_models() -> None:
    with pytest.raises(SettingError, match=r"'resnet'.* mobilenet_v1_050, .*_075, .*_100"):
        find_model('resnet')


def test_an_unsupported_output_stride_is_refused_with_the_supported_ones() -> None:
    check_output_stride(MODELS['mobilenet_v1_075'], 16)
    with pytest.raises(SettingError, match='_075 has no output stride 32; it has 8, 16'):
        check_output_stride(MODELS['mobilenet_v1_075'], 32)
