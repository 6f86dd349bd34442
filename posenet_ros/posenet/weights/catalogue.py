"""
The models that can be had, and the places that publish their weights.

The weights are Copyright Google, Apache-2.0, as published for TensorFlow.js. The official place
comes first; an npm package that carries the same files follows where one is known. A sha256
that stands here was computed from what was fetched and seen to give the reference's results: of
files, so that a broken one is refused at once, and of a model's weights as they were read, so that
they are known again whichever place and form of files they come from. A model with no sha256 here
could not be fetched when this was written; it can be, and is said to be unverified.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from posenet_ros.errors import SettingError

_OFFICIAL = 'https://storage.googleapis.com/tfjs-models/savedmodel/posenet/mobilenet'


@dataclass(frozen=True)
class Source:
    """A place with a TensorFlow.js manifest and, in the same folder, its weight files."""

    #: The https address of the folder, or the folder's path inside `npm_package`.
    folder: str
    #: File name of the manifest.
    manifest: str
    #: `name@version` of an npm package, or empty for an https address.
    npm_package: str = ''
    #: sha256 of the files that are known, by file name.
    sha256: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return how messages call this place."""
        return f'npm package {self.npm_package}' if self.npm_package else self.folder


@dataclass(frozen=True)
class Model:
    """A PoseNet with the MobileNetV1 backbone."""

    name: str
    #: Channels of each layer, in hundredths of the full MobileNetV1's.
    multiplier: int
    #: Output strides that its layers can be run at.
    output_strides: tuple[int, ...]
    sources: tuple[Source, ...]
    #: sha256 of the weights (`mobilenet.weights_sha256`); empty: not known.
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
            weights_sha256='90f6b20d504b0498cc0471a12c2840f568661c4cb3faece146a81c0f690484c3',
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
            weights_sha256='be38002a7aab2747804f0534eac6d6ca82f25589a85360e72d088a7fbbd60adc',
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
    """Return the model of that name; raises SettingError with the names there are."""
    if name not in MODELS:
        raise SettingError(f'there is no model {name!r}; choose {", ".join(MODELS)}')
    return MODELS[name]


def check_output_stride(model: Model, output_stride: int) -> None:
    """Raise SettingError when the model has no graph for that output stride."""
    if output_stride not in model.output_strides:
        strides = ', '.join(map(str, model.output_strides))
        raise SettingError(f'{model.name} has no output stride {output_stride}; it has {strides}')
