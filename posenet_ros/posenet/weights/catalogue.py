"""
The available models, and the places that publish their weights.

The weights are Copyright Google, Apache-2.0, as published for TensorFlow.js. The first source of
a model is Google's own; the second is an npm package with the same files, if we know one.

There are two kinds of sha256. The sha256 of a file detects a broken or altered file as soon as it
is fetched. The sha256 of a model's weights is computed from the tensors, so it covers everything
that the graphs are built from, whatever the source and the format of its manifest. Weights with
another sha256 are refused. We computed both from files that reproduce the results of the reference
implementation. A model without a sha256 could not be fetched when this catalogue was written. It
can be downloaded, but is reported as not verified: only its layers, their shapes, and that all
values are finite are checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from posenet_ros.errors import SettingError
from posenet_ros.quoting import quoted

_OFFICIAL = 'https://storage.googleapis.com/tfjs-models/savedmodel/posenet/mobilenet'


@dataclass(frozen=True)
class Source:
    """A folder that holds a TensorFlow.js manifest and its weight files."""

    #: The https URL of the folder, or its path inside `npm_package`.
    folder: str
    #: File name of the manifest.
    manifest: str
    #: `name@version` of the npm package; empty if `folder` is a URL.
    npm_package: str = ''
    #: Known sha256 checksums, by file name.
    sha256: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return the name of this source in messages."""
        return f'npm package {self.npm_package}' if self.npm_package else self.folder


@dataclass(frozen=True)
class Model:
    """A PoseNet model with the MobileNetV1 backbone."""

    name: str
    #: Width of the layers, in percent of the full MobileNetV1.
    multiplier: int
    #: Output strides at which the layers can run.
    output_strides: tuple[int, ...]
    #: Where to fetch the weights; the sources are tried in this order.
    sources: tuple[Source, ...]
    #: sha256 of the weights (`mobilenet_layers.weights_sha256`); empty if not known.
    weights_sha256: str = ''


_SHARDS_075 = {
    'group1-shard1of2.bin': 'ce6afc62f89782d43139fab76c641b281a82dee2cd2759aa036c4b28aea16439',
    'group1-shard2of2.bin': '2a35b8cfb86eb50928931e03dc30c0972fdd375f148b177ee40676b81a17692d',
}

MODELS = {
    model.name: model
    for model in (
        Model(
            name='mobilenet_v1_050',
            multiplier=50,
            output_strides=(8, 16),
            sources=(Source(f'{_OFFICIAL}/float/050', 'model-stride16.json'),),
        ),
        Model(
            name='mobilenet_v1_075',
            multiplier=75,
            weights_sha256='58fcb0bf0d25508c979f3ba1b44132834074bfec054a5e963c366368e8077bf7',
            output_strides=(8, 16),
            sources=(
                Source(f'{_OFFICIAL}/float/075', 'model-stride16.json', sha256=_SHARDS_075),
                Source(
                    'dist/posenet/mobilenet-v1-075-stride16',
                    'model-stride16.json',
                    npm_package='@kubohiroya/turbowarp-tmpose@1.12.0',
                    sha256={
                        'model-stride16.json': (
                            'dd63bf2d3b983e8c80020749f135164beda00a33374c8a7be230b9598f24f798'
                        ),
                        **_SHARDS_075,
                    },
                ),
            ),
        ),
        Model(
            name='mobilenet_v1_100',
            multiplier=100,
            weights_sha256='c091407ef6d880a1f1720788de32379921c69814572d5398828044dd239c04ee',
            output_strides=(8, 16, 32),
            sources=(
                Source(f'{_OFFICIAL}/quant2/100', 'model-stride16.json'),
                Source(
                    'models',
                    'posenet.json',
                    npm_package='@vladmandic/human@1.5.1',
                    sha256={
                        'posenet.json': (
                            'cf96fab634a9847675d3bfadeb2cc0e50695a83903fd17441405716c3a247897'
                        ),
                        'posenet.bin': (
                            '2d7095f79cc8082a8352b3eb74da04d991896a9c9715ae86815e76d6a42f90bb'
                        ),
                    },
                ),
            ),
        ),
    )
}

MODEL_NAMES = tuple(MODELS)
DEFAULT_MODEL = 'mobilenet_v1_075'


def find_model(name: str) -> Model:
    """Return the model with that name; raises SettingError if there is none."""
    if name not in MODELS:
        raise SettingError(f'unknown model {quoted(name)}; choose one of {", ".join(MODELS)}')
    return MODELS[name]


def check_output_stride(model: Model, output_stride: int) -> None:
    """Raise SettingError if the model does not support that output stride."""
    if output_stride not in model.output_strides:
        strides = ', '.join(map(str, model.output_strides))
        raise SettingError(f'{model.name} has no output stride {output_stride}; it has {strides}')
