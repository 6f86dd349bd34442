import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from published import publish, Tensors
import pytest

from posenet_ros.errors import WeightsError
from posenet_ros.posenet.weights.tfjs_manifest import read_tensors, weight_file_names


@pytest.fixture
def tensors() -> Tensors:
    random = np.random.default_rng(0)
    shapes = {'kernel': (3, 3, 4, 2), 'bias': (2,), 'scalar': ()}
    return {
        name: np.asarray(random.normal(size=shape), np.float32) for name, shape in shapes.items()
    }


def max_error(actual: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    return float(np.abs(actual - expected).max())


def test_float32_weights_are_read_unchanged(tensors: Tensors, tmp_path: Path) -> None:
    read = read_tensors(publish(tensors, tmp_path))
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(read[name], tensor)


@pytest.mark.parametrize(('form', 'levels'), [('uint16', 65535), ('uint8', 255)])
def test_quantized_weights_are_within_half_a_level(
    tensors: Tensors, tmp_path: Path, form: str, levels: int
) -> None:
    read = read_tensors(publish(tensors, tmp_path, form=form))
    for name, tensor in tensors.items():
        half_level = np.ptp(tensor) / levels / 2
        assert read[name].dtype == np.float32
        assert max_error(read[name], tensor) <= half_level * 1.001 + 1e-7


def test_a_tensor_may_span_two_files(tensors: Tensors, tmp_path: Path) -> None:
    manifest = publish(tensors, tmp_path, shards=6)
    assert len(list(tmp_path.glob('*.bin'))) == 6
    np.testing.assert_array_equal(read_tensors(manifest)['kernel'], tensors['kernel'])


@pytest.mark.parametrize('change', [-1, 1, 4])
def test_files_of_another_size_are_rejected(tensors: Tensors, tmp_path: Path, change: int) -> None:
    manifest = publish(tensors, tmp_path)
    (shard,) = tmp_path.glob('*.bin')
    content = shard.read_bytes() + b'0000'
    shard.write_bytes(content[: len(content) - 4 + change])
    with pytest.raises(WeightsError, match='cannot read the weights'):
        read_tensors(manifest)


def test_an_unknown_type_is_rejected(tensors: Tensors, tmp_path: Path) -> None:
    manifest = publish(tensors, tmp_path)
    manifest.write_text(manifest.read_text().replace('float32', 'complex64'))
    with pytest.raises(WeightsError, match='complex64'):
        read_tensors(manifest)


@pytest.mark.parametrize(
    'text',
    ['', '[]', '{}', '{"weightsManifest": [{}]}', '{"weightsManifest": [{"paths": 5}]}', '\x80'],
)
def test_a_file_that_is_not_a_manifest_is_rejected_and_named(tmp_path: Path, text: str) -> None:
    manifest = tmp_path / 'model.json'
    manifest.write_text(text)
    with pytest.raises(WeightsError, match=r'model\.json'):
        read_tensors(manifest)


def test_a_negative_shape_is_rejected(tensors: Tensors, tmp_path: Path) -> None:
    manifest = publish(tensors, tmp_path)
    content = json.loads(manifest.read_text())
    content['weightsManifest'][0]['weights'][1]['shape'] = [-2]
    manifest.write_text(json.dumps(content))
    with pytest.raises(WeightsError, match='cannot read the weights'):
        read_tensors(manifest)


def test_the_weight_files_are_those_that_the_manifest_lists(
    tensors: Tensors, tmp_path: Path
) -> None:
    manifest = publish(tensors, tmp_path, shards=2)
    (tmp_path / 'other.bin').write_bytes(b'')
    assert weight_file_names(manifest) == ['group1-shard1of2.bin', 'group1-shard2of2.bin']


@pytest.mark.parametrize('name', ['../secret.bin', '/etc/passwd', 'a/b.bin'])
def test_a_manifest_cannot_name_files_outside_its_folder(
    tensors: Tensors, tmp_path: Path, name: str
) -> None:
    manifest = publish(tensors, tmp_path)
    manifest.write_text(manifest.read_text().replace('group1-shard1of1.bin', name))
    with pytest.raises(WeightsError, match='outside its folder'):
        weight_file_names(manifest)
