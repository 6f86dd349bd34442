import pytest

from posenet_ros.errors import SettingError
from posenet_ros.inference.runtime_settings import RuntimeSettings


@pytest.mark.parametrize('precision', ['float32', 'float16', 'bfloat16', 'int8'])
def test_auto_takes_every_precision(precision: str) -> None:
    assert RuntimeSettings(precision=precision).precision == precision


@pytest.mark.parametrize(
    ('provider', 'precision'),
    [('cuda', 'int8'), ('cpu', 'bfloat16'), ('openvino', 'float16'), ('tensorrt', 'bfloat16')],
)
def test_a_provider_without_the_precision_is_refused_with_what_to_set(
    provider: str, precision: str
) -> None:
    with pytest.raises(SettingError, match=f'{precision}.*{provider}.*execution_provider to auto'):
        RuntimeSettings(execution_provider=provider, precision=precision)
