"""
Reading the weights of a TensorFlow.js model: float32, or quantized to 16 or 8 bits.

A manifest is a JSON file. Its `weightsManifest` lists groups. Each group has the `paths` of its
weight files and the `weights` in them, with name, shape, type and, if quantized, the scale.

Source: the weight format of the TensorFlow.js converter.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import WeightsError

_DTYPES: dict[str, np.dtype[Any]] = {
    'float32': np.dtype('<f4'),
    'uint16': np.dtype('<u2'),
    'uint8': np.dtype('u1'),
}


def weight_file_names(manifest: Path) -> list[str]:
    """
    Return the names of the weight files that a manifest lists.

    Raises WeightsError if the file is not a manifest, or if a name points outside its folder.
    """
    names = [name for group in _read_groups(manifest) for name in group['paths']]
    for name in names:
        if not isinstance(name, str) or Path(name).name != name:
            raise WeightsError(f'{manifest.name} names a file outside its folder: {name!r}')
    return names


def read_tensors(manifest: Path) -> dict[str, NDArray[np.float32]]:
    """
    Return all tensors of a model by their published names, float32, in TensorFlow's layout.

    The weight files of a group, concatenated, hold its tensors back to back in little-endian
    order. A quantized tensor holds integers; its values are integer * scale + min, with one scale
    and min per tensor. Raises WeightsError if the file is not a manifest, or if sizes or types do
    not match.
    """
    tensors: dict[str, NDArray[np.float32]] = {}
    for group in _read_groups(manifest):
        try:
            content = b''.join((manifest.parent / path).read_bytes() for path in group['paths'])
            tensors |= _split_into_tensors(content, group['weights'])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise WeightsError(f'cannot read the weights of {manifest.name}: {error}') from error
    return tensors


def _read_groups(manifest: Path) -> list[dict[str, Any]]:
    """Return the groups of a manifest; raises WeightsError if the file is not a manifest."""
    try:
        groups: list[dict[str, Any]] = json.loads(manifest.read_bytes())['weightsManifest']
        for group in groups:
            [*group['paths'], *group['weights']]  # raises unless both are present and iterable
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsError(
            f'{manifest.name} is not the manifest of a TensorFlow.js model'
        ) from error
    return groups


def _split_into_tensors(
    content: bytes, entries: list[dict[str, Any]]
) -> dict[str, NDArray[np.float32]]:
    tensors: dict[str, NDArray[np.float32]] = {}
    start = 0
    for entry in entries:
        quantization = entry.get('quantization')
        dtype = _DTYPES[quantization['dtype'] if quantization else entry['dtype']]
        count = int(np.prod(entry['shape'], dtype=np.int64))
        values = np.frombuffer(content, dtype, count, start).reshape(entry['shape'])
        start += values.nbytes
        if quantization:
            values = values * np.float64(quantization['scale']) + quantization['min']
        tensors[entry['name']] = values.astype(np.float32)
    if start != len(content):
        raise ValueError(
            f'the weight files have {len(content)} bytes, but the manifest describes {start}'
        )
    return tensors
