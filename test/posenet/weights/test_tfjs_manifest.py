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
    ('text', 'reason'),
    [
        ('', 'Expecting value: line 1'),
        ('[]', 'it lists no weights'),
        ('{}', 'it lists no weights'),
        ('\x80', 'Expecting value: line 1'),
        ('[' * 100_000, 'while decoding'),
        ('{"weightsManifest": {}}', 'it lists no weights'),
        ('{"weightsManifest": [{}]}', 'it lists no weights'),
        ('{"weightsManifest": [{"paths": 5}]}', 'it lists no weights'),
        ('{"weightsManifest": [{"paths": "ab", "weights": []}]}', 'it lists no weights'),
        ('{"weightsManifest": [{"paths": [], "weights": {}}]}', 'it lists no weights'),
        (' ' * (4 * 2**20 + 1), 'it has more than 4 MB'),
    ],
)
def test_a_file_that_is_not_a_manifest_is_rejected_with_its_name_and_the_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    manifest = tmp_path / 'model.json'
    manifest.write_text(text)
    with pytest.raises(WeightsError, match=rf'model\.json is not the manifest .*: .*{reason}'):
        read_tensors(manifest)


@pytest.mark.parametrize(
    ('field', 'value', 'said'),
    [
        ('shape', [-2], r'\[-2\]'),
        ('shape', [10**30], 'end before tensor'),
        ('shape', [0, 10**30], 'positive'),
        ('shape', [2.5], r'2\.5'),
        ('shape', [True, 2], 'True'),
        ('shape', [1] * 100, 'at most 8'),
        ('shape', '22', "'22'"),
        ('shape', None, 'None'),
        ('name', 5, '5'),
        ('name', 'scalar', "'scalar' is listed twice"),
        ('name', 'kernel', "'kernel' is listed twice"),
        ('dtype', ['float32'], 'float32'),
        ('dtype', 'complex64', 'complex64'),
        ('quantization', 5, 'None'),
        ('quantization', {}, 'None'),
        ('quantization', {'dtype': 'uint8', 'scale': '1', 'min': 0}, "'1'"),
        ('quantization', {'dtype': 'uint8', 'scale': [1, 2], 'min': 0}, r'\[1, 2\]'),
        ('quantization', {'dtype': 'uint8', 'scale': 10**400, 'min': 0}, 'finite'),
        ('quantization', {'dtype': 'uint8', 'scale': 1}, 'None'),
    ],
)
def test_an_entry_with_a_wrong_field_is_rejected_with_its_value(
    tensors: Tensors, tmp_path: Path, field: str, value: object, said: str
) -> None:
    manifest = publish(tensors, tmp_path)
    content = json.loads(manifest.read_text())
    content['weightsManifest'][0]['weights'][1][field] = value
    manifest.write_text(json.dumps(content))
    with pytest.raises(WeightsError, match=f'cannot read the weights of .*{said}'):
        read_tensors(manifest)


@pytest.mark.parametrize('entry', [None, 5, 'bias', []])
def test_an_entry_that_is_not_an_object_is_rejected(
    tensors: Tensors, tmp_path: Path, entry: object
) -> None:
    manifest = publish(tensors, tmp_path)
    content = json.loads(manifest.read_text())
    content['weightsManifest'][0]['weights'][1] = entry
    manifest.write_text(json.dumps(content))
    with pytest.raises(WeightsError, match='not a tensor'):
        read_tensors(manifest)


def test_too_many_weight_files_are_rejected(tensors: Tensors, tmp_path: Path) -> None:
    manifest = publish(tensors, tmp_path, shards=75)
    with pytest.raises(WeightsError, match='lists 75 weight files; at most 64'):
        weight_file_names(manifest)


def test_a_huge_manifest_is_rejected_without_reading_it(tmp_path: Path) -> None:
    manifest = tmp_path / 'model.json'
    with manifest.open('wb') as file:
        file.truncate(2**40)
    with pytest.raises(WeightsError, match=r'model\.json'):
        read_tensors(manifest)


def test_the_weight_files_are_those_that_the_manifest_lists(
    tensors: Tensors, tmp_path: Path
) -> None:
    manifest = publish(tensors, tmp_path, shards=2)
    (tmp_path / 'other.bin').write_bytes(b'')
    assert weight_file_names(manifest) == ['group1-shard1of2.bin', 'group1-shard2of2.bin']


@pytest.mark.parametrize(
    'name', ['../secret.bin', '/etc/passwd', 'a/b.bin', '..', '', 'a' * 300, '\\ud800', '\\u0000']
)
def test_a_manifest_cannot_name_files_outside_its_folder(
    tensors: Tensors, tmp_path: Path, name: str
) -> None:
    manifest = publish(tensors, tmp_path)
    manifest.write_text(manifest.read_text().replace('group1-shard1of1.bin', name))
    with pytest.raises(WeightsError, match='outside its folder'):
        weight_file_names(manifest)
