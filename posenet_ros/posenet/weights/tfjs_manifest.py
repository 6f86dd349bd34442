"""Reading the weights of a TensorFlow.js model: float32, or quantized to 16 or 8 bits."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import WeightsError
from posenet_ros.posenet.weights.sources import read_manifest

_DTYPES: dict[str, np.dtype[Any]] = {
    'float32': np.dtype('<f4'),
    'uint16': np.dtype('<u2'),
    'uint8': np.dtype('u1'),
}


def read_weights(manifest: Path) -> dict[str, NDArray[np.float32]]:
    """
    Return all tensors of a model, float32, by the names of the manifest, in TensorFlow's layout.

    The weight files of a group, one after the other, hold its tensors back to back, little
    endian. A quantized tensor holds integers; its values are integer * scale + min, with one
    scale and min a tensor. Raises WeightsError when sizes or types do not fit.

    Source: the TensorFlow.js converter's weight format.
    """
    tensors: dict[str, NDArray[np.float32]] = {}
    for group in read_manifest(manifest):
        try:
            content = b''.join((manifest.parent / path).read_bytes() for path in group['paths'])
            tensors |= _read_group(content, group['weights'])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise WeightsError(f'cannot read the weights of {manifest.name}: {error}') from error
    return tensors


def _read_group(content: bytes, entries: list[dict[str, Any]]) -> dict[str, NDArray[np.float32]]:
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
        raise ValueError(f'{len(content)} bytes of weights, {start} are described')
    return tensors
