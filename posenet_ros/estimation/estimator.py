"""From an image to poses: the whole pipeline without ROS."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import InputTransform, letterboxed, scaled, Size
from posenet_ros.inference.graph_start import FirstRun, Report
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.decoding import decode_multiple_poses, decode_single_pose
from posenet_ros.posenet.heads import Heads
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.network import Network
from posenet_ros.posenet.weights.store import find_graph
from posenet_ros.poses import Pose
from posenet_ros.settings import parse_size, PoseSettings

# Before the first image: what most cameras give, (height, width).
_EXPECTED_SIZE = (480, 640)


def load_network(
    settings: ModelSettings,
    runtime: RuntimeSettings | None = None,
    poses: PoseSettings | None = None,
    *,
    report: Report | None = None,
) -> Network:
    """
    Load the network that the settings name, from the user's cache, and run it once.

    That run is on a blank image of 640x480 that is framed as `poses` say. `report` takes a line
    about each execution provider that fails.

    Raises ModelNotFoundError when the model is not there, ModelLoadError when it is broken, and
    ProviderError when an execution provider that `runtime` asks for cannot be used.
    """
    runtime = runtime or RuntimeSettings()
    graph = find_graph(settings.model, settings.output_stride, runtime.precision)
    framed = framing(_EXPECTED_SIZE, poses or PoseSettings(), settings.output_stride)
    first_run = FirstRun(image_size=framed.padded_size, input_size=framed.input_size)
    return Network(graph, runtime, first_run=first_run, report=report)


def framing(image_size: Size, settings: PoseSettings, output_stride: int) -> InputTransform:
    """Return how settings frame an image of (height, width) for a network."""
    if settings.input_size:
        input_size = parse_size(settings.input_size)
        return letterboxed(image_size, input_size=input_size, output_stride=output_stride)
    factor = settings.image_scale_factor
    return scaled(image_size, image_scale_factor=factor, output_stride=output_stride)


@dataclass(frozen=True, eq=False)
class Inferred:
    """What the network gave for one image, and how the image was framed."""

    framing: InputTransform
    outputs: Heads


class PoseEstimator:
    """Finds the poses in images with one network. `settings` may be replaced between images."""

    def __init__(self, network: Network, settings: PoseSettings | None = None) -> None:
        """Take a loaded network, and settings other than the defaults."""
        self.network = network
        self.settings = settings or PoseSettings()

    def estimate(
        self, image: NDArray[np.uint8], settings: PoseSettings | None = None
    ) -> list[Pose]:
        """
        Return the poses in an image, uint8 RGB [height, width, 3], by settings for it alone.

        Positions are (x, y) in pixels of the image. With single_person there is always exactly
        one pose; otherwise up to max_pose_detections, the surest root first.
        """
        settings = settings or self.settings
        (heads,) = self.heads([image], settings)
        return self.poses(heads, (image.shape[0], image.shape[1]), settings)

    def heads(
        self, images: Sequence[NDArray[np.uint8]], settings: PoseSettings | None = None
    ) -> list[Heads]:
        """
        Return the heads of images of one size, uint8 RGB [height, width, 3], from one run.

        Raises ImageError when they are not of one size, and NetworkError when ONNX Runtime fails.
        """
        transform = self.transform((images[0].shape[0], images[0].shape[1]), settings)
        padded = [transform.pad(image) for image in images]
        # One image needs no copy.
        batch = padded[0][np.newaxis] if len(padded) == 1 else np.stack(padded)
        return self.network.run(batch, transform.input_size)

    def poses(
        self, heads: Heads, image_size: Size, settings: PoseSettings | None = None
    ) -> list[Pose]:
        """Return the poses in an image of (height, width), in its pixels, from its heads."""
        settings = settings or self.settings
        transform = self.transform(image_size, settings)
        return [pose.at(_to_image(pose, transform, settings)) for pose in _decode(heads, settings)]

    def infer(self, images: Sequence[NDArray[np.uint8]], settings: PoseSettings) -> list[Inferred]:
        """Frame and infer images of one size."""
        framed = self.transform((images[0].shape[0], images[0].shape[1]), settings)
        return [Inferred(framed, heads) for heads in self.heads(images, settings)]

    def decode(self, inferred: Inferred, settings: PoseSettings) -> list[Pose]:
        """Return the poses."""
        return self.poses(inferred.outputs, inferred.framing.image_size, settings)

    def as_seen(
        self, image: NDArray[np.uint8], settings: PoseSettings | None = None
    ) -> NDArray[np.uint8]:
        """Return the image that the poses lie on: mirrored when flip_horizontal is set."""
        settings = settings or self.settings
        return image[:, ::-1] if settings.flip_horizontal else image

    def transform(self, image_size: Size, settings: PoseSettings | None = None) -> InputTransform:
        """Return how an image of (height, width) is framed for the network."""
        return framing(image_size, settings or self.settings, self.network.output_stride)


def _decode(heads: Heads, settings: PoseSettings) -> list[Pose]:
    if settings.decoding_method == 'single_person':
        return [decode_single_pose(heads)]
    return decode_multiple_poses(
        heads,
        max_pose_detections=settings.max_pose_detections,
        score_threshold=settings.score_threshold,
        nms_radius=settings.nms_radius,
    )


def _to_image(
    pose: Pose, transform: InputTransform, settings: PoseSettings
) -> NDArray[np.float64]:
    """Return a pose's keypoints in pixels of the image, mirrored where that is asked for."""
    keypoints = transform.to_image(pose.keypoints)
    if settings.flip_horizontal:
        width = transform.image_size[1]
        keypoints[:, 0] = width - 1 - keypoints[:, 0]
    return keypoints
