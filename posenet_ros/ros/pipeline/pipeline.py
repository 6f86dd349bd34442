"""The pipeline: three stages in three threads, for all cameras."""

from collections.abc import Callable, Sequence
import time
from typing import Any

from rclpy.node import Node

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import InferredImage, PublishedImage, ReceivedImage
from posenet_ros.ros.pipeline.camera_intake import CameraIntake
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings
from posenet_ros.ros.pipeline.inference_stage import InferenceStage
from posenet_ros.ros.pipeline.publishing_stage import PublishingStage
from posenet_ros.ros.pipeline.spatial.spatial_threads import (
    SpatialSettings,
    SpatialThreads,
)
from posenet_ros.ros.pipeline.view_stage import ViewStage
from posenet_ros.ros.threads.activity import Activity
from posenet_ros.ros.threads.receiver import Receiver
from posenet_ros.ros.threads.worker import Worker

#: Seconds in which all threads must end. Interrupting the network is much faster than that.
STOP_TIMEOUT = 5.0

# Seconds between two attempts to interrupt the network.
_JOIN_PERIOD = 0.05


class Pipeline:
    """
    Processes the images of all cameras from one activation of the node to its deactivation.

    The first thread receives images and runs the network, the second decodes and publishes poses,
    and the third publishes markers and annotated images. For each thread, at most one image per
    camera waits, the newest; images for the first thread wait in the middleware. With depth, there
    are more threads, which publish positions in metres (`SpatialThreads`).
    """

    def __init__(
        self,
        node: Node,
        estimator: PoseEstimator,
        settings: Callable[[], ImageSettings],
        *,
        max_batch_size: int,
        lazy: bool,
        spatial: SpatialSettings | None = None,
    ) -> None:
        """
        Prepare the stages; `start` starts them.

        `node` provides the logger and the clock. With `lazy`, images of a camera are only counted
        while nobody subscribes to any of its outputs. One run of the network processes up to
        `max_batch_size` images of one size, each from a different camera. `spatial` tells how
        people are located in metres.
        """
        self._node = node
        self._network = estimator.network
        self._lazy = lazy
        self._errors = ImageErrors(node)
        # The last stage first, because each passes images on to the next one.
        self._viewing = self._new_viewing(estimator)
        self._spatial = SpatialThreads(
            node, self._viewing.submit, self._errors, settings=spatial or SpatialSettings()
        )
        self._publishing = self._new_publishing(estimator)
        self._receiving = self._new_receiving(estimator, settings, max_batch_size)
        self._intakes: list[CameraIntake] = []
        self._not_ended: str | None = None

    def _new_viewing(self, estimator: PoseEstimator) -> Worker[Camera, PublishedImage]:
        stage = ViewStage(estimator, self._errors)
        return Worker('posenet view', stage.process, report=self._errors.report)

    def _new_publishing(self, estimator: PoseEstimator) -> Worker[Camera, InferredImage]:
        stage = PublishingStage(
            estimator,
            self._node.get_clock(),
            self._viewing.submit,
            self._errors,
            locate=self._spatial.submit,
        )
        return Worker('posenet publish', stage.process, report=self._errors.report)

    def _new_receiving(
        self, estimator: PoseEstimator, settings: Callable[[], ImageSettings], max_batch_size: int
    ) -> Receiver[Camera, ReceivedImage]:
        stage = InferenceStage(
            estimator,
            settings,
            self._publishing.submit,
            self._errors,
            max_batch_size=max_batch_size,
        )
        return Receiver(self._node, 'posenet infer', stage.process, max_batch_size=max_batch_size)

    @property
    def failure(self) -> str | None:
        """Return why a thread died, or which thread did not end when stopped; else None."""
        failures = (one.thread.failure for one in self._threads)
        return next((failure for failure in failures if failure), self._not_ended)

    @property
    def _threads(self) -> list[Receiver[Any, Any] | Worker[Any, Any]]:
        return [self._receiving, self._publishing, *self._spatial.threads, self._viewing]

    def start(self, cameras: Sequence[Camera]) -> None:
        """
        Process the images of these cameras from now on.

        Raises SettingError if the QoS overrides of a topic are refused.
        """
        self._spatial.prepare(cameras)
        for camera in cameras:
            depth = self._spatial.buffer_of(camera)
            self._intakes.append(
                CameraIntake(self._node, camera, self._receiving, lazy=self._lazy, depth=depth)
            )
        self._viewing.start()
        self._spatial.start()
        self._publishing.start()
        self._receiving.start()

    def activity(self, now: float) -> Activity:
        """Return what the first thread is doing at `now`, a time of time.monotonic()."""
        return self._receiving.activity(now)

    def stop(self) -> None:
        """
        Stop receiving images, interrupt the network, and end all threads.

        Images that were not published yet are dropped. If a thread does not end within
        `STOP_TIMEOUT`, that is logged and returned by `failure`.
        """
        self._errors.stop()
        running = self._threads
        for one in running:
            one.begin_stop()
        give_up = time.monotonic() + STOP_TIMEOUT
        while running and time.monotonic() < give_up:
            self._network.interrupt()  # repeatedly, as a run may start only now
            running = [one for one in running if not one.finish_stop(_JOIN_PERIOD)]
        for intake in self._intakes:
            intake.close()
        self._spatial.close()
        if running:
            names = ', '.join(one.thread.name for one in running)
            self._not_ended = f'{names} did not end within {STOP_TIMEOUT:.0f} s'
            self._node.get_logger().error(self._not_ended)
