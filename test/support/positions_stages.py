"""The positions stage of one camera in a test's own process, and what it publishes."""

from collections.abc import Callable
from dataclasses import replace
import time
from typing import Any

from depth_scenes import Scene
from made_cameras import camera_in
from made_depth import header_at
import numpy as np
from rendered_people import HEIGHT, MATRIX, WIDTH
from ros_graph import Graph
from sensor_msgs.msg import CameraInfo, Image

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.msg import Pose3DArray
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ConvertedImage, PublishedImage, UnlocatedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer
from posenet_ros.ros.pipeline.spatial.depth_statistics import DepthCounts
from posenet_ros.ros.pipeline.spatial.positions_stage import PositionsStage
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(smoothing=False),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)
SIZE = (HEIGHT, WIDTH)
INFO = CameraInfo(width=WIDTH, height=HEIGHT, k=MATRIX.ravel().tolist())
PIXELS = np.zeros((*SIZE, 3), np.uint8)


class Positions:
    """The positions stage of one camera, and what it publishes."""

    def __init__(
        self,
        graph: Graph,
        *,
        person_frames: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.camera: Camera = camera_in(graph, 'front', depth='depth', person_frames=person_frames)
        self.viewed: list[PublishedImage] = []
        self._graph = graph
        self._stage = PositionsStage(
            lambda _, image: self.viewed.append(image),
            ImageErrors(graph.node),
            max_wait=0.0,
            clock=clock,
        )
        self._received: list[Any] = []

    def subscribe(self) -> None:
        """Subscribe to poses_3d."""
        self._received = self._graph.collect(Pose3DArray, '/front/poses_3d')
        outputs = self.camera.outputs
        self._graph.wait_until(lambda: outputs.poses_3d_have_subscribers, 'the subscriber')

    def publish(
        self,
        scene: Scene,
        depth: Image | None,
        *,
        info: CameraInfo | None = INFO,
        settings: ImageSettings = SETTINGS,
        stamp: float = 1.0,
        viewed: bool = False,
    ) -> Any:
        """Publish the positions in an image with a depth image, and return the message."""
        before = len(self._received)
        self.process(scene, depth, info=info, settings=settings, stamp=stamp, viewed=viewed)
        self._graph.wait_until(lambda: len(self._received) > before, 'poses_3d')
        return self._received[-1]

    def process(
        self,
        scene: Scene,
        depth: Image | None,
        *,
        info: CameraInfo | None = INFO,
        settings: ImageSettings = SETTINGS,
        stamp: float = 1.0,
        viewed: bool = False,
    ) -> None:
        """Have the stage process an image with a depth image."""
        image = self.unlocated(scene, depth, info=info, settings=settings, stamp=stamp)
        if viewed:
            image = replace(image, viewed=PublishedImage(image.image, scene.poses))
        self._stage.process(self.camera, image)

    def unlocated(
        self,
        scene: Scene,
        depth: Image | None,
        *,
        info: CameraInfo | None = INFO,
        settings: ImageSettings = SETTINGS,
        stamp: float = 1.0,
    ) -> UnlocatedImage:
        """Return an image with a depth image."""
        buffer = DepthBuffer(0.01)
        if depth is not None:
            buffer.add(round(stamp * 1e9), depth)
        expected = buffer.expect(round(stamp * 1e9))
        image = ConvertedImage(header_at(stamp), PIXELS, info, settings, 0.0, expected)
        return UnlocatedImage(image, scene.poses, 0.0, None)

    @property
    def counts(self) -> DepthCounts:
        counts = self.camera.snapshot(0.0).depth
        assert counts is not None
        return counts


def points_of(message: Any) -> Any:
    """Return the positions in a message, float64 [people, 17, 3]."""
    points = [[keypoint.position for keypoint in pose.keypoints] for pose in message.poses]
    return np.array([[(one.x, one.y, one.z) for one in person] for person in points])


class Warnings:
    """The warnings about cameras, of which the first ones may be refused."""

    def __init__(self, *, refused: int = 0) -> None:
        """Refuse some warnings, as if another one had just been logged."""
        self.given: list[str] = []
        self._refused = refused

    def warn(self, _: Camera, message: str) -> bool:
        """Keep a warning, and return whether it counts as logged."""
        self.given.append(message)
        return len(self.given) > self._refused
