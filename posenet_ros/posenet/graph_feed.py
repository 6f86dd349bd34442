"""The inputs of PoseNet's graph, and the shapes of its outputs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ModelLoadError
from posenet_ros.framing.framing import Framing, Size
from posenet_ros.framing.sampling import sample_images
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.graph import Feed, GraphFile, Metadata
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.weights.catalogue import check_output_stride, find_model
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT

#: The inputs of the graph with the neighbours of each sample, in the order of `Samples`.
NEIGHBOURS = ('top_left', 'top_right', 'bottom_left', 'bottom_right')


def make_feed(
    images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing], output_stride: int
) -> Feed:
    """
    Return the feed for images, uint8 RGB [height, width, 3], each in its framing.

    Each output is float32 [N, channels, H, W], on a grid with a cell at every output_stride pixels
    of the network input. Raises what `sample_images` raises.
    """
    grid = [(side - 1) // output_stride + 1 for side in framings[0].input_size]
    return Feed(
        inputs=graph_inputs(images, framings),
        output_shapes={
            name: (len(images), channels, *grid) for name, channels in CHANNELS.items()
        },
    )


def graph_inputs(
    images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing]
) -> dict[str, NDArray[np.uint8 | np.float32]]:
    """Return the graph's inputs for images, each in its framing; see `onnx_graph`."""
    samples = sample_images(images, framings)
    return {
        **dict(zip(NEIGHBOURS, samples.neighbours, strict=True)),
        'row_fractions': samples.row_fractions,
        'column_fractions': samples.column_fractions,
    }


def first_feed(graph: GraphFile, input_size: Size, metadata: Metadata) -> Feed:
    """
    Return the feed of a first run: one blank image of the input size (height, width).

    Raises ModelLoadError unless the metadata is that of a graph of this release.
    """
    if metadata.get('graph_format') != str(GRAPH_FORMAT):
        raise ModelLoadError(
            f'{graph.path} is not a graph of this release of posenet_ros\n{graph.remedy}'
        )
    try:
        output_stride = int(metadata['output_stride'])
        check_output_stride(find_model(metadata['model']), output_stride)
    except (KeyError, ValueError) as error:  # a SettingError is a ValueError
        raise graph.load_error(
            f'its model or output stride is missing or wrong: {error}'
        ) from error
    blank = np.zeros((*input_size, 3), np.uint8)
    return make_feed([blank], [stretched(input_size, input_size)], output_stride)
