"""
Reading the weights of a TensorFlow.js model: float32, or quantized to 16 or 8 bits.

A manifest is a JSON file. Its `weightsManifest` lists groups. Each group has the `paths` of its
weight files and the `weights` in them, with name, shape, type and, if quantized, the scale.

Source: the weight format of the TensorFlow.js converter. Everything in a manifest is checked,
because it may come from anywhere.
"""

from collections.abc import Iterator
import json
import math
from pathlib import Path
import re
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import WeightsError
from posenet_ros.quoting import quoted
from posenet_ros.regular_files import read_regular_file

#: Size limit of a manifest in bytes; the published ones have 50 KB.
MAX_MANIFEST_BYTES = 4 * 2**20

_DTYPES: 'dict[str, np.dtype[Any]]' = {
    'float32': np.dtype('<f4'),
    'uint16': np.dtype('<u2'),
    'uint8': np.dtype('u1'),
}

_FILE_NAME = re.compile(r'[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}')

# Number of files that a manifest may list; the published ones have up to 4.
_MAX_FILES = 64

# The kernels of convolutions have 4.
_MAX_DIMENSIONS = 8


def weight_file_names(manifest: Path) -> list[str]:
    """
    Return the names of the weight files that a manifest lists.

    Raises WeightsError if the file is not a manifest, if it lists more than 64 files, or if a name
    points outside its folder or is not a plain file name.
    """
    names = [name for group in _read_groups(manifest) for name in group['paths']]
    if len(names) > _MAX_FILES:
        raise WeightsError(
            f'{manifest.name} lists {len(names)} weight files; at most {_MAX_FILES} are allowed'
        )
    for name in names:
        if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
            raise WeightsError(
                f'{manifest.name} lists a weight file outside its folder, or not by a plain '
                f'name: {quoted(name)}'
            )
    return names


def read_tensors(manifest: Path) -> dict[str, NDArray[np.float32]]:
    """
    Return all tensors of a model by their published names, float32, in TensorFlow's layout.

    The weight files of a group, concatenated, hold its tensors back to back in little-endian
    order. A quantized tensor holds integers; its values are integer * scale + min, with one scale
    and min per tensor. Raises WeightsError if the file is not a manifest, if sizes or types do not
    match, or if a value is not finite.
    """
    tensors: dict[str, NDArray[np.float32]] = {}
    for group in _read_groups(manifest):
        try:
            content = b''.join((manifest.parent / path).read_bytes() for path in group['paths'])
            for name, tensor in _split_into_tensors(content, group['weights']):
                if name in tensors:
                    raise ValueError(f'tensor {quoted(name)} is listed twice')
                tensors[name] = tensor
        except (OSError, ValueError, RecursionError) as error:
            raise WeightsError(f'cannot read the weights of {manifest.name}: {error}') from error
    return tensors


def _read_groups(manifest: Path) -> list[dict[str, Any]]:
    """Return the groups of a manifest; raises WeightsError if the file is not a manifest."""
    try:
        content = json.loads(read_regular_file(manifest, max_bytes=MAX_MANIFEST_BYTES))
        groups = content.get('weightsManifest') if isinstance(content, dict) else None
        if not isinstance(groups, list) or not all(map(_is_group, groups)):
            raise ValueError('it lists no weights')
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(
            f'{manifest.name} is not the manifest of a TensorFlow.js model: {error}'
        ) from error
    return groups


def _is_group(group: object) -> bool:
    return isinstance(group, dict) and all(
        isinstance(group.get(key), list) for key in ('paths', 'weights')
    )


def _split_into_tensors(
    content: bytes, entries: list[Any]
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Return each tensor with its name; raises ValueError if an entry or a size is wrong."""
    start = 0
    for entry in entries:
        name, shape = _name_of(entry), _shape_of(entry)
        quantization = entry.get('quantization')
        dtype = _dtype_of(name, entry if quantization is None else quantization)
        end = start + math.prod(shape) * dtype.itemsize
        if end > len(content):
            raise ValueError(
                f'the weight files have {len(content)} bytes, but end before tensor '
                f'{quoted(name)} of shape {quoted(shape)} does'
            )
        values = np.frombuffer(content[start:end], dtype).reshape(shape)
        start = end
        yield name, _to_float32(name, values, quantization)
    if start != len(content):
        raise ValueError(
            f'the weight files have {len(content)} bytes, but the manifest describes {start}'
        )


def _name_of(entry: object) -> str:
    name = entry.get('name') if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise ValueError(f'an entry is not a tensor with a name: {quoted(entry)}')
    return name


def _shape_of(entry: dict[str, Any]) -> list[int]:
    shape = entry.get('shape')
    if (
        isinstance(shape, list)
        and len(shape) <= _MAX_DIMENSIONS
        and all(type(side) is int and side > 0 for side in shape)
    ):
        return shape
    raise ValueError(
        f'tensor {quoted(entry["name"])} has the shape {quoted(shape)}; expected a list of '
        f'at most {_MAX_DIMENSIONS} positive integers'
    )


def _dtype_of(name: str, described: object) -> 'np.dtype[Any]':
    dtype = described.get('dtype') if isinstance(described, dict) else None
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise ValueError(
            f'tensor {quoted(name)} has the type {quoted(dtype)}; '
            f'expected one of {", ".join(_DTYPES)}'
        )
    return _DTYPES[dtype]


def _to_float32(
    name: str, values: NDArray[Any], quantization: dict[str, Any] | None
) -> NDArray[np.float32]:
    """Return the values of a tensor; raises ValueError if one of them is not finite."""
    with np.errstate(over='ignore', invalid='ignore'):  # reported below
        if quantization is not None:
            scale, low = (_number(name, quantization.get(key)) for key in ('scale', 'min'))
            values = values * scale + low
        tensor = values.astype(np.float32)
    if not np.isfinite(tensor).all():
        raise ValueError(f'tensor {quoted(name)} has values that are not finite')
    return tensor


def _number(name: str, value: object) -> np.float64:
    """Return the scale or min of a quantized tensor."""
    # A JSON integer may be too large for a float; NaN compares as false.
    if isinstance(value, int | float) and abs(value) <= sys.float_info.max:
        return np.float64(value)
    raise ValueError(
        f'tensor {quoted(name)} has the quantization scale or min {quoted(value)}; '
        'expected a finite number'
    )
