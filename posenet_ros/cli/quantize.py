"""`posenet quantize`: build int8 graphs of a model."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posenet_ros.cli.options import Commands
from posenet_ros.cli.output import print_message, print_text
from posenet_ros.errors import ImageError
from posenet_ros.estimation.agreement import Agreement, compare
from posenet_ros.image_files import read_image
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL, find_model, Model, MODEL_NAMES
from posenet_ros.posenet.weights.quantization import CALIBRATION_PICTURE, install_int8_graphs
from posenet_ros.posenet.weights.store import find_graph

_SUMMARY = 'build int8 graphs of a model, for CPUs with fast 8-bit arithmetic'
_DESCRIPTION = (
    'Build int8 graphs of a downloaded model, for CPUs with fast 8-bit arithmetic, and print how '
    'closely their keypoints agree with float32.'
)

# Each picture is compared at a small, a medium and a large input size. All three are valid for
# every output stride.
_INPUT_SIZES = ('257x257', '353x481', '481x641')
# In an int8 graph, at least this share of keypoints should be within this distance of float32, in
# network pixels, and the median distance should be at most this.
_MIN_SHARE, _MAX_DISTANCE, _MAX_MEDIAN = 0.9, 4.0, 1.5
# With fewer keypoints, the result would depend on one or two keypoints whose heatmap has two
# similar maxima.
_MIN_KEYPOINTS = 50


class PictureFiles:
    """Pictures that are read from their files in each iteration, one at a time."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Read these image files."""
        self._files = files

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Return the pictures, uint8 RGB [height, width, 3]; raises ImageError."""
        return map(read_image, self._files)


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('quantize', help=_SUMMARY, description=_DESCRIPTION)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        'model',
        nargs='?',
        default=DEFAULT_MODEL,
        metavar='MODEL',
        help=f'one of: {", ".join(MODEL_NAMES)} [default: {DEFAULT_MODEL}]',
    )
    parser.add_argument(
        '--images',
        nargs='+',
        type=Path,
        metavar='PATH',
        help='calibrate on these image files, or on all files in these folders, instead of the '
        'picture that comes with the package',
    )
    parser.add_argument(
        '--output-stride',
        nargs='+',
        type=int,
        metavar='INT',
        help='build graphs for these output strides [default: all that the model supports]',
    )


def run(parsed: argparse.Namespace) -> int:
    """Build the int8 graphs that the user asked for, and return the exit code."""
    model = find_model(parsed.model)
    output_strides = parsed.output_stride or list(model.output_strides)
    pictures = PictureFiles(_find_files(parsed.images or [CALIBRATION_PICTURE]))
    install_int8_graphs(model, output_strides, pictures)
    for output_stride in output_strides:
        label = f'{model.name}, output stride {output_stride}, int8'
        _print_agreement(label, _compare_with_float32(model, output_stride, pictures))
    return 0


def _find_files(paths: list[Path]) -> list[Path]:
    """Return the paths that are files, and all files in those that are folders."""
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        in_folder = sorted(file for file in path.iterdir() if file.is_file())
        if not in_folder:
            raise ImageError(f'{path} has no files; name image files, or a folder of them')
        files += in_folder
    return files


def _compare_with_float32(
    model: Model, output_stride: int, pictures: Iterable[NDArray[np.uint8]]
) -> Agreement:
    """Return how closely an int8 graph agrees with the float32 graph on pictures."""
    reference, quantized = (
        PoseNet(find_graph(model.name, output_stride, precision))
        for precision in ('float32', 'int8')
    )
    return compare(reference, quantized, pictures, _INPUT_SIZES)


def _print_agreement(label: str, agreement: Agreement) -> None:
    """Print how closely an int8 graph agrees with float32, with a warning if it is not enough."""
    keypoints = agreement.distances.size
    if not keypoints:
        print_message(
            f'{label}: there is nobody in the pictures, so its agreement with float32 is unknown; '
            'choose pictures of people with --images'
        )
        return
    share, median = agreement.share_within(_MAX_DISTANCE), agreement.median
    print_text(
        f'{label}: ready; {100 * share:.0f} % of {keypoints} keypoints within '
        f'{_MAX_DISTANCE:g} pixels of float32, median {median:.2f}'
    )
    if keypoints >= _MIN_KEYPOINTS and (share < _MIN_SHARE or median > _MAX_MEDIAN):
        print_message(
            f'{label}: agrees with float32 less than expected (at least {100 * _MIN_SHARE:.0f} % '
            f'of keypoints, median at most {_MAX_MEDIAN:g}); choose other pictures with --images, '
            'or use float32'
        )
