"""The threads for positions in metres; there are none without a camera with poses_3d."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rclpy.node import Node

from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import PublishedImage, UnlocatedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer, Miss
from posenet_ros.ros.pipeline.spatial.depth_intake import DepthIntake
from posenet_ros.ros.pipeline.spatial.ground_frame import GroundFrame
from posenet_ros.ros.pipeline.spatial.positions_stage import PositionsStage
from posenet_ros.ros.threads.ordered_queue import OrderedQueue
from posenet_ros.ros.threads.worker import Worker

# Images of a camera that wait for their depth: those of half a second at 60 Hz.
_MAX_WAITING = 30
_OVERLOADED = Miss(
    'image overtaken',
    f'more than {_MAX_WAITING} images were waiting for their depth: is the machine overloaded?',
)


@dataclass(frozen=True)
class SpatialSettings:
    """How people are located in metres; the fields are parameters of the node."""

    depth_max_time_difference: float = 0.0
    ground_frame: str = ''


class SpatialThreads:
    """
    One thread for each camera with poses_3d.

    It also receives the depth images, when an image needs them and between images. So they cost no
    time while the network runs, if the network is faster than the camera.
    """

    def __init__(
        self,
        node: Node,
        submit: Callable[[Camera, PublishedImage], object],
        errors: ImageErrors,
        *,
        settings: SpatialSettings,
    ) -> None:
        """Pass viewed images on with `submit`."""
        self._node = node
        self._submit = submit
        self._errors = errors
        self._settings = settings
        self._ground: GroundFrame | None = None
        self._intakes: dict[Camera, DepthIntake] = {}
        self._workers: dict[Camera, Worker[Camera, UnlocatedImage]] = {}

    def prepare(self, cameras: Sequence[Camera]) -> None:
        """
        Prepare the threads for those cameras that have poses_3d, and subscribe to depth.

        Raises SettingError if the QoS overrides of a topic are refused, or if tf2_ros is needed
        but not installed.
        """
        if self._settings.ground_frame:
            self._ground = GroundFrame(
                self._node,
                self._settings.ground_frame,
                person_frame_prefixes={
                    camera.topics.person_frame_prefix for camera in cameras if camera.topics.tf
                },
            )
        self._subscribe([camera for camera in cameras if camera.topics.depth])
        for camera in cameras:
            if camera.topics.poses_3d:
                self._workers[camera] = self._worker(self._intakes.get(camera))

    def _subscribe(self, cameras: Sequence[Camera]) -> None:
        """Subscribe to the depth of cameras that have it."""
        for camera in cameras:
            topics = camera.topics.resolved
            self._node.get_logger().info(
                f'{camera.name}: depth from {topics.depth}, positions on {topics.poses_3d}'
            )
            self._intakes[camera] = DepthIntake(
                self._node,
                camera,
                max_difference=self._settings.depth_max_time_difference,
            )

    def _worker(self, intake: DepthIntake | None) -> Worker[Camera, UnlocatedImage]:
        stage = PositionsStage(
            self._submit,
            self._errors,
            max_wait=self._settings.depth_max_time_difference,
            ground=self._ground,
        )
        return Worker(
            'posenet positions',
            stage.process,
            report=self._errors.report,
            queue=OrderedQueue(_MAX_WAITING),
            idle=intake.keep_up if intake else None,
        )

    def start(self) -> None:
        """Start all threads."""
        for one in self.threads:
            one.start()

    @property
    def threads(self) -> Sequence[Worker[Camera, UnlocatedImage]]:
        """Return the owners of all threads."""
        return list(self._workers.values())

    def buffer_of(self, camera: Camera) -> DepthBuffer | None:
        """Return the depth images of a camera; None if it has none."""
        intake = self._intakes.get(camera)
        return None if intake is None else intake.buffer

    def submit(self, camera: Camera, image: UnlocatedImage) -> None:
        """Have people located in an image of a camera with poses_3d."""
        if self._workers[camera].submit(camera, image):
            camera.count_depth(_OVERLOADED)

    def close(self) -> None:
        """Unsubscribe, after the threads have ended."""
        for intake in self._intakes.values():
            intake.close()
        self._intakes = {}
        if self._ground is not None:
            self._ground.close()
            self._ground = None
