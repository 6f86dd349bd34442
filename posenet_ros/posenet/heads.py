"""The four outputs of PoseNet for one image."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import HeadsError
from posenet_ros.keypoints import NUM_EDGES, NUM_PARTS

#: Channels of each head. A vector field has all its y components first, then all its x.
CHANNELS = {
    'heatmap_scores': NUM_PARTS,
    'offsets': 2 * NUM_PARTS,
    'displacements_fwd': 2 * NUM_EDGES,
    'displacements_bwd': 2 * NUM_EDGES,
}


@dataclass(frozen=True, eq=False)
class Heads:
    """
    The outputs of the network for one image, on a grid of H x W cells.

    The cell (row, column) lies at the point (row, column) * output_stride of the network input.
    H = (input height - 1) / output_stride + 1; W is calculated in the same way. All vectors are
    (y, x) in pixels of the network input.

    Raises HeadsError if the shapes do not match, or if a value is NaN or infinite. So decoders
    need not check either.
    """

    #: float32 [17, H, W]: the confidence that a part is near a cell, 0 to 1.
    heatmap_scores: NDArray[np.float32]
    #: float32 [34, H, W]: the vector from a cell to the part near it; 17 y, then 17 x.
    offsets: NDArray[np.float32]
    #: float32 [32, H, W]: the vector from an edge's parent to its child; 16 y, then 16 x.
    displacements_fwd: NDArray[np.float32]
    #: float32 [32, H, W]: the vector from an edge's child to its parent; 16 y, then 16 x.
    displacements_bwd: NDArray[np.float32]
    #: Pixels of the network input between neighbouring cells.
    output_stride: int

    def __post_init__(self) -> None:
        """Check that all heads have their channels, one grid and finite values."""
        grid = self.heatmap_scores.shape[1:]
        for name, channels in CHANNELS.items():
            head = getattr(self, name)
            if len(grid) != 2 or 0 in grid or head.shape != (channels, *grid):
                raise HeadsError(
                    f'head {name} has the shape {list(head.shape)}, expected [{channels}, H, W] '
                    f'on the same grid for all heads: is this the graph of a PoseNet?'
                )
            if not np.isfinite(head).all():
                raise HeadsError(
                    f'head {name} contains NaN or infinity: the model file or the execution '
                    'provider is broken; download the model again or run it on the CPU'
                )

    @property
    def grid(self) -> tuple[int, int]:
        """Return the (rows, columns) of the heads, in cells."""
        _, rows, columns = self.heatmap_scores.shape
        return rows, columns


def split_batch(outputs: Iterable[NDArray[np.float32]], output_stride: int) -> list[Heads]:
    """
    Return the heads of each image of a run.

    The outputs are float32 [N, channels, H, W], in the order of `CHANNELS`. Raises HeadsError as
    `Heads` does.
    """
    return [
        Heads(**dict(zip(CHANNELS, heads, strict=True)), output_stride=output_stride)
        for heads in zip(*outputs, strict=True)
    ]
