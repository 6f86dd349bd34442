import pytest

from posenet_ros.errors import SettingError
from posenet_ros.posenet.model_settings import ModelSettings


def test_every_model_takes_its_own_output_strides() -> None:
    assert ModelSettings(model='mobilenet_v1_100', output_stride=32).output_stride == 32
    assert ModelSettings(model='mobilenet_v1_050', output_stride=8).output_stride == 8


def test_an_output_stride_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(SettingError, match=r'mobilenet_v1_075 has no output stride 32'):
        ModelSettings(model='mobilenet_v1_075', output_stride=32)


def test_an_unknown_model_is_refused_with_the_choices() -> None:
    with pytest.raises(SettingError, match=r"'resnet'; choose one of mobilenet_v1_050"):
        ModelSettings(model='resnet')
