"""From the images of all cameras to all that is published of them."""

from collections.abc import Sequence
from dataclasses import dataclass
import time
import traceback

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.time import Time
from std_msgs.msg import Header

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.errors import PosenetError
from posenet_ros.estimation.estimator import Inferred, PoseEstimator
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.ros.parameters.parameters import ImageSettings, LiveSettings
from posenet_ros.ros.pipeline.camera import Camera, ImageMessage
from posenet_ros.ros.pipeline.camera_statistics import stamp_latency
from posenet_ros.ros.threads.receiver import Attention, Receiver
from posenet_ros.ros.threads.worker import Worker
from posenet_ros.settings import PoseSettings


@dataclass(frozen=True)
class _Picture:
    """An image on its way through the pipeline, and the settings that count for it."""

    header: Header
    #: uint8 RGB [height, width, 3].
    pixels: NDArray[np.uint8]
    settings: ImageSettings

    @property
    def size(self) -> Size:
        return self.pixels.shape[0], self.pixels.shape[1]


class Pipeline:
    """
    Answers images in three threads, so that the network waits for none of what follows it.

    The first receives images and runs the network, the second decodes and publishes poses, the
    third draws and publishes what is there to be looked at. Before each a camera has one place,
    where a newer image replaces the one that waits: before the first, in the middleware.
    """

    def __init__(
        self,
        node: Node,
        estimator: PoseEstimator,
        settings: LiveSettings,
        *,
        max_batch_size: int,
        lazy: bool,
    ) -> None:
        """
        Start the last two threads; `start` lets images in.

        `node` logs and tells the time. With `lazy`, images of a camera are left alone while nobody
        subscribes to any of its outputs. Up to `max_batch_size` images of different cameras and of
        one size go through the network in one run.
        """
        self._node = node
        self._estimator = estimator
        self._settings = settings
        self._lazy = lazy
        self._cameras: Sequence[Camera] = ()
        self._stopping = False
        self._receiver = Receiver(node, 'posenet network', self._look, most=max_batch_size)
        # The last first, so that each finds the one that it hands on to.
        self._viewer = Worker('posenet views', self._view)
        self._answerer = Worker('posenet answers', self._answer)

    def start(self, cameras: Sequence[Camera]) -> None:
        """Take the images of cameras."""
        self._cameras = cameras
        for camera in cameras:
            camera.start(self._receiver.callback_group, self._take_up)
        self._receiver.start()

    def attention(self, now: float) -> Attention:
        """Return for how long the network has been at work, and images unnoticed."""
        return self._receiver.attention(now)

    def stop(self) -> None:
        """Take no more images, cut a run of the network short, and end all threads."""
        self._stopping = True
        self._receiver.stop(self._estimator.network.interrupt)
        for camera in self._cameras:
            camera.stop()
        self._answerer.stop()
        self._viewer.stop()

    def _take_up(self, camera: Camera, message: ImageMessage, missed: int | None) -> None:
        """Take up an image that has come, after `missed` others, if known, that were not taken."""
        wanted = camera.is_wanted or not self._lazy
        camera.statistics.received(time.monotonic(), missed=missed, wanted=wanted)
        if wanted:
            self._receiver.put(camera, message)

    def _look(self, newest: list[tuple[Camera, ImageMessage]]) -> None:
        """Convert images of different cameras, and run the network on those of one size."""
        settings = self._settings.now
        by_size: dict[Size, list[tuple[Camera, _Picture]]] = {}
        for camera, message in newest:
            picture = self._read(camera, message, settings)
            if picture is not None:
                by_size.setdefault(picture.size, []).append((camera, picture))
        for pictures in by_size.values():
            self._run(pictures, settings.poses)

    def _read(
        self, camera: Camera, message: ImageMessage, settings: ImageSettings
    ) -> _Picture | None:
        """Return the picture in a message; None, after a complaint, where there is none."""
        try:
            return _Picture(message.header, camera.read(message), settings)
        except Exception as error:  # one image must not end the work on all cameras
            self._refuse(camera, error)
            return None

    def _run(self, pictures: list[tuple[Camera, _Picture]], settings: PoseSettings) -> None:
        """Run the network on pictures of one size, and hand over what it gives."""
        try:
            results = self._estimator.infer([picture.pixels for _, picture in pictures], settings)
        except Exception as error:  # as above
            for camera, _ in pictures:
                self._refuse(camera, error)
            return
        for (camera, picture), inferred in zip(pictures, results, strict=True):
            if self._answerer.put(camera, (picture, inferred)):
                camera.statistics.replaced()

    def _answer(self, camera: Camera, looked: tuple[_Picture, Inferred]) -> None:
        """Decode what the network gave and publish the poses in it."""
        picture, inferred = looked
        try:
            poses = self._estimator.decode(inferred, picture.settings.poses)
            camera.publish_poses(poses, picture.header, picture.size)
        except Exception as error:  # as above
            self._refuse(camera, error)
            return
        latency = self._latency(picture.header)
        camera.statistics.processed(time.monotonic(), latency=latency, people=len(poses))
        if camera.markers_are_wanted or _annotated_is_wanted(camera, picture):
            self._viewer.put(camera, (picture, poses))

    def _view(self, camera: Camera, answered: tuple[_Picture, list[Pose]]) -> None:
        """Publish what is there to be looked at."""
        picture, poses = answered
        drawing, output = picture.settings.drawing, picture.settings.output
        try:
            camera.publish_markers(
                poses,
                picture.header,
                picture.size,
                distance=output.marker_distance,
                drawing=drawing,
            )
            if _annotated_is_wanted(camera, picture):
                seen = self._estimator.mirrored_as_poses(picture.pixels, picture.settings.poses)
                drawn = draw_poses(seen, poses, drawing)
                quality = output.jpeg_quality
                camera.publish_annotated(drawn, picture.header, jpeg_quality=quality)
        except Exception as error:  # the poses are out
            self._complain(camera, 'markers or annotated image not published', error)

    def _refuse(self, camera: Camera, error: Exception) -> None:
        """Count an image that cannot be answered, and say why."""
        if not self._is_over():
            camera.statistics.refused(str(error) or repr(error))
        self._complain(camera, 'image dropped', error)

    def _complain(self, camera: Camera, what: str, error: Exception) -> None:
        """Log an error that is handled right now; one nobody thought of with its traceback."""
        if not self._is_over():
            expected = isinstance(error, PosenetError)
            camera.complain(f'{what}: {error if expected else traceback.format_exc()}')

    def _is_over(self) -> bool:
        """Tell whether an error is only that of an image which was cut short."""
        return self._stopping or not self._node.context.ok()

    def _latency(self, header: Header) -> float | None:
        """Return the seconds since an image's stamp, on the node's clock, where that tells."""
        stamp = Time.from_msg(header.stamp).nanoseconds
        return stamp_latency(stamp, self._node.get_clock().now().nanoseconds)


def _annotated_is_wanted(camera: Camera, picture: _Picture) -> bool:
    return picture.settings.output.annotated_image and camera.annotated_is_wanted
