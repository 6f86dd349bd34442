"""The inputs of PoseNet's graph, and the shapes of its outputs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ModelLoadError
from posenet_ros.framing.framing import Framing
from posenet_ros.inference.graph import Feed, GraphFile, Metadata
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.weights.catalogue import check_output_stride, find_model
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT


def make_feed(images: NDArray[np.uint8], framing: Framing, output_stride: int) -> Feed:
    """
    Return the feed for images of the framing's image size, uint8 RGB [N, height, width, 3].

    Each output is float32 [N, channels, H, W], on a grid with a cell at every output_stride pixels
    of the network input.
    """
    grid = [(side - 1) // output_stride + 1 for side in framing.input_size]
    return Feed(
        inputs=graph_inputs(images, framing),
        output_shapes={
            name: (len(images), channels, *grid) for name, channels in CHANNELS.items()
        },
    )


def graph_inputs(images: NDArray[np.uint8], framing: Framing) -> dict[str, NDArray[Any]]:
    """Return the graph's inputs for images of the framing's image size, [N, height, width, 3]."""
    top, left = framing.padding
    # For ONNX's Pad: the number of zeros before each axis of NCHW, then after each.
    padding = (0, 0, top, left) * 2
    return {
        'image': images,
        'unpadded_size': np.array(framing.unpadded_size, np.int64),
        'padding': np.array(padding, np.int64),
        'input_size': np.array(framing.input_size, np.int64),
    }


def first_feed(graph: GraphFile, framing: Framing, metadata: Metadata) -> Feed:
    """
    Return the feed of a first run: one blank image, framed as most images will be.

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
    images = np.zeros((1, *framing.image_size, 3), np.uint8)
    return make_feed(images, framing, output_stride)
