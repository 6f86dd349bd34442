"""Folders with weights as they are published, made for tests: real format, small numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.float32]]


def small_weights(multiplier: int = 75) -> Tensors:
    """Return weights of the published names and of the right shapes, narrow and random."""
    first, other = 32 * multiplier // 100, 8
    made: Tensors = {
        'MobilenetV1/Conv2d_0/weights': np.zeros((3, 3, 3, first), np.float32),
        'MobilenetV1/MobilenetV1/Conv2d_0/Conv2D_bias': np.zeros(first, np.float32),
    }
    channels = first
    for block in range(1, 14):
        depthwise, pointwise = f'Conv2d_{block}_depthwise', f'Conv2d_{block}_pointwise'
        made[f'MobilenetV1/{depthwise}/depthwise_weights'] = np.zeros((3, 3, channels, 1), 'f4')
        made[f'MobilenetV1/MobilenetV1/{depthwise}/depthwise_bias'] = np.zeros(channels, 'f4')
        made[f'MobilenetV1/{pointwise}/weights'] = np.zeros((1, 1, channels, other), 'f4')
        made[f'MobilenetV1/MobilenetV1/{pointwise}/Conv2D_bias'] = np.zeros(other, 'f4')
        channels = other
    heads = {'heatmap_2': 17, 'offset_2': 34, 'displacement_fwd_2': 32, 'displacement_bwd_2': 32}
    for head, outputs in heads.items():
        made[f'MobilenetV1/{head}/weights'] = np.zeros((1, 1, other, outputs), 'f4')
        made[f'MobilenetV1/{head}/Conv2D_bias'] = np.zeros(outputs, 'f4')
    random = np.random.default_rng(0)
    return {
        name: np.asarray(random.normal(0, 0.3, tensor.shape), np.float32)
        for name, tensor in made.items()
    }


def publish(tensors: Tensors, folder: Path, *, form: str = 'float32', shards: int = 1) -> Path:
    """
    Write a TensorFlow.js manifest with its shards, and return the manifest's path.

    `form` is float32, uint16 or uint8; the integers quantize each tensor over its own range.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries, content = [], b''
    for name, tensor in tensors.items():
        entry: dict[str, Any] = {'name': name, 'shape': list(tensor.shape), 'dtype': 'float32'}
        if form == 'float32':
            content += tensor.astype('<f4').tobytes()
        else:
            scale, low = _range(tensor, form)
            entry['quantization'] = {'dtype': form, 'scale': scale, 'min': low}
            integers = np.rint((tensor - low) / scale)
            content += integers.astype(np.dtype(form).newbyteorder('<')).tobytes()
        entries.append(entry)
    length = -(-len(content) // shards)
    pieces = [content[start:][:length] for start in range(0, len(content), length)]
    names = [f'group1-shard{number}of{len(pieces)}.bin' for number in range(1, len(pieces) + 1)]
    for name, piece in zip(names, pieces, strict=True):
        (folder / name).write_bytes(piece)
    manifest = folder / 'model-stride16.json'
    groups = [{'paths': names, 'weights': entries}]
    manifest.write_text(json.dumps({'format': 'graph-model', 'weightsManifest': groups}))
    return manifest


def _range(tensor: NDArray[np.float32], form: str) -> tuple[float, float]:
    low, high = float(tensor.min()), float(tensor.max())
    return (high - low) / np.iinfo(form).max or 1.0, low
