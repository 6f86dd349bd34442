"""The interface of a network that the estimator uses."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Framing, Size
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

Outputs = TypeVar('Outputs')


class PoseNetwork(Protocol[Outputs]):
    """
    A loaded network that finds poses.

    A second network of the family must implement everything below, and its loader must be listed
    in `loading.py`. `Outputs` is the network's output for one image; only the network itself knows
    its type. It must stay valid while later images are inferred, because it is decoded in another
    thread.
    """

    @property
    def model(self) -> str:
        """Return the model's name, as in the setting `model`."""

    @property
    def output_stride(self) -> int:
        """Return the distance of neighbouring cells in pixels of the network input."""

    @property
    def output_strides(self) -> tuple[int, ...]:
        """Return all output strides that the model has a graph for."""

    @property
    def graph(self) -> Path:
        """Return the path of the graph."""

    @property
    def execution_provider(self) -> str:
        """Return ONNX Runtime's name of the execution provider that runs the graph."""

    @property
    def prefers_one_size(self) -> bool:
        """Return whether each further size of the network input costs time or memory."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Return the reports about execution providers that failed, oldest first."""

    @property
    def warning(self) -> str | None:
        """Return what is wrong with the execution provider now; None if nothing is."""

    def frame(self, image_size: Size, settings: PoseSettings) -> Framing:
        """Return the framing of an image of (height, width) with these settings."""

    def infer(
        self, images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing]
    ) -> list[Outputs]:
        """
        Return the outputs for each image in its framing, from one run.

        Images are uint8 RGB [height, width, 3]. Their sizes may differ, and the same image may be
        there several times in different framings, but all framings must have the same input size.
        Raises ImageError if they do not, or if an image has another size than its framing, and
        NetworkError if the run fails or is interrupted.
        """

    def decode(
        self, outputs: Outputs, settings: PoseSettings, *, refine: bool = False
    ) -> list[Pose]:
        """
        Return the poses in one image, in pixels of the network input.

        `refine` asks for keypoints that are as precise as possible, instead of those of the
        reference.
        """

    def interrupt(self) -> None:
        """Make an `infer` that is in progress in another thread fail soon."""
