from collections.abc import Callable
from dataclasses import replace

from made_cameras import camera_in
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph, image_message

from posenet_ros.attention.observation import Observation
from posenet_ros.attention.turns import Turns
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import Inferred, PoseEstimator
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import InferredImage, ReceivedImage
from posenet_ros.ros.pipeline.image_errors import ImageErrors
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.ros.pipeline.inference_stage import InferenceStage
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ImageSettings(
    poses=PoseSettings(),
    attention=AttentionSettings(),
    tracking=TrackingSettings(),
    output=OutputSettings(),
    drawing=DrawingSettings(),
)

CLOSER = replace(
    SETTINGS, attention=AttentionSettings(attention='closer_look', search_interval=60.0)
)

Stage = Callable[..., list[tuple[Camera, InferredImage]]]


@pytest.fixture
def infer(graph: Graph, network_075: PoseNet) -> Stage:
    """Return a function that runs the stage on images of cameras, and returns what it submits."""

    def run(
        *received: tuple[Camera, NDArray[np.uint8]],
        replaces: bool = False,
        settings: ImageSettings = SETTINGS,
    ) -> list[tuple[Camera, InferredImage]]:
        submitted: list[tuple[Camera, InferredImage]] = []

        def submit(camera: Camera, image: InferredImage) -> bool:
            submitted.append((camera, image))
            return replaces

        stage = InferenceStage(
            PoseEstimator(network_075),
            lambda: settings,
            submit,
            ImageErrors(graph.node),
            max_batch_size=1,
        )
        stage.process(
            [
                (camera, ReceivedImage(image_message(pixels, frame=camera.name), None, 0.0))
                for camera, pixels in received
            ]
        )
        return submitted

    return run


def test_every_image_of_a_batch_is_submitted_with_its_own_camera_size_and_result(
    graph: Graph, infer: Stage, network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    front, rear, left = (camera_in(graph, name) for name in ('front', 'rear', 'left'))
    submitted = infer((front, astronaut), (rear, astronaut[:200]), (left, astronaut[::-1]))
    assert {camera for camera, _ in submitted} == {front, rear, left}
    assert len(submitted) == 3
    for camera, image in submitted:
        assert image.image.header.frame_id == camera.name
        assert isinstance(image.found, Inferred)
        assert image.image.size == image.found.framing.image_size
        (alone,) = PoseEstimator(network_075).infer([image.image.pixels])
        np.testing.assert_allclose(
            image.found.outputs.heatmap_scores, alone.outputs.heatmap_scores, atol=1e-3
        )
    sizes = {camera: image.image.size for camera, image in submitted}
    assert sizes == {front: (512, 512), rear: (200, 512), left: (512, 512)}


def test_an_image_that_cannot_be_converted_is_counted_and_the_others_are_submitted(
    graph: Graph, infer: Stage, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    front, rear = camera_in(graph, 'front'), camera_in(graph, 'rear')
    empty = np.zeros((0, 0, 3), np.uint8)
    submitted = infer((front, empty), (rear, astronaut))
    assert [camera for camera, _ in submitted] == [rear]
    assert front.statistics.snapshot(0.0).refused == 1
    assert rear.statistics.snapshot(0.0).refused == 0


def test_when_the_network_fails_every_image_of_the_run_is_counted_as_refused(
    graph: Graph, infer: Stage, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError('unexpected')

    monkeypatch.setattr(PoseEstimator, 'infer', fail)
    cameras = [camera_in(graph, 'front'), camera_in(graph, 'rear')]
    assert infer(*((camera, astronaut) for camera in cameras)) == []
    for camera in cameras:
        seen = camera.statistics.snapshot(0.0)
        assert (seen.refused, seen.last_refusal) == (1, 'unexpected')


@pytest.mark.parametrize(('replaces', 'count'), [(True, 1), (False, 0)])
def test_an_image_is_counted_as_replaced_when_the_next_stage_did_not_get_to_it(
    graph: Graph, infer: Stage, astronaut: NDArray[np.uint8], replaces: bool, count: int
) -> None:
    front = camera_in(graph, 'front')
    infer((front, astronaut), replaces=replaces)
    assert front.statistics.snapshot(0.0).replaced == count


def test_an_image_larger_than_the_current_max_image_pixels_is_refused(
    graph: Graph, infer: Stage, astronaut: NDArray[np.uint8]
) -> None:
    front, rear = camera_in(graph, 'front'), camera_in(graph, 'rear')
    smaller = replace(SETTINGS, poses=PoseSettings(max_image_pixels=512 * 512 - 1))
    submitted = infer((front, astronaut), (rear, astronaut[:200]), settings=smaller)
    assert [camera for camera, _ in submitted] == [rear]
    assert front.statistics.snapshot(0.0).refused == 1


class Watched:
    """One camera's images through one stage, with settings that change between them."""

    def __init__(self, graph: Graph, network: PoseNet, picture: NDArray[np.uint8]) -> None:
        self.settings = CLOSER
        self.camera = camera_in(graph, 'front')
        self._picture = picture
        self._submitted: list[InferredImage] = []
        self._stage = InferenceStage(
            PoseEstimator(network),
            lambda: self.settings,
            self._submit,
            ImageErrors(graph.node),
            max_batch_size=1,
        )

    def _submit(self, _: Camera, image: InferredImage) -> bool:
        self._submitted.append(image)
        return False

    def searched(self) -> bool | None:
        """Process the next image; return whether it was searched, or None without attention."""
        self._submitted.clear()
        message = image_message(self._picture)
        self._stage.process([(self.camera, ReceivedImage(message, None, 0.0))])
        found = [one.found for one in self._submitted]
        return found[0].work.searched if found and isinstance(found[0], Observation) else None


@pytest.fixture
def watched(graph: Graph, network_075: PoseNet, astronaut: NDArray[np.uint8]) -> Watched:
    """Return a camera whose first image was searched, and whose next ones need not be."""
    camera = Watched(graph, network_075, astronaut)
    assert [camera.searched() for _ in range(3)] == [True, False, False]
    return camera


@pytest.mark.parametrize(
    'poses',
    [PoseSettings(flip_horizontal=True), PoseSettings(max_pose_detections=6)],
    ids=['flip_horizontal', 'max_pose_detections'],
)
def test_an_image_with_other_pose_settings_is_searched(
    watched: Watched, poses: PoseSettings
) -> None:
    watched.settings = replace(CLOSER, poses=poses)
    assert [watched.searched() for _ in range(2)] == [True, False]


def test_after_images_without_a_closer_look_the_next_one_is_searched(watched: Watched) -> None:
    watched.settings = SETTINGS
    assert watched.searched() is None
    watched.settings = CLOSER
    assert [watched.searched() for _ in range(2)] == [True, False]


def test_after_an_image_that_failed_halfway_the_next_one_is_searched(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError('unexpected')

    with monkeypatch.context() as patched:
        patched.setattr(Turns, 'note', fail)
        assert watched.searched() is None
    assert watched.camera.statistics.snapshot(0.0).last_refusal == 'unexpected'
    assert [watched.searched() for _ in range(2)] == [True, False]
