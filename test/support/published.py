"""Published weights for tests: in the real format, but with few channels and random numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.posenet.weights.catalogue import Model, Source
from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.mobilenet_layers import sort_into_layers, weights_sha256

Tensors = dict[str, NDArray[np.float32]]

# A URL at which no server listens.
UNREACHABLE = 'http://127.0.0.1:1'


def small_weights(multiplier: int = 75) -> Tensors:
    """Return weights with the published names and valid shapes."""
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
    Write a TensorFlow.js manifest and its weight files, and return the path of the manifest.

    `form` is float32, uint16 or uint8; integers quantize each tensor over its own range.
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


def new_source(
    folder: str = '', *, published: Path | None = None, npm_package: str = ''
) -> Source:
    """Return a source that knows the sha256 of the files in `published`, or of none."""
    known = {path.name: sha256(path) for path in published.iterdir()} if published else {}
    return Source(folder, 'model-stride16.json', npm_package=npm_package, sha256=known)


def new_model(*sources: Source, verifiable: bool = True) -> Model:
    """Return a model with these sources whose weights are `small_weights`."""
    known = weights_sha256(sort_into_layers(small_weights(), 75)) if verifiable else ''
    return Model('mobilenet_v1_075', 75, (8, 16), sources, weights_sha256=known)


def ignore_progress(*_: object) -> None:
    """Show no progress."""
