"""Images processed by posenet_node in a separate process, over real DDS."""

from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
from numpy.typing import NDArray
from patched_programs import start_patched
import pytest
from ros_graph import Graph, image_message
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.posenet_node import PosenetNode
from posenet_ros.ros.topics.qos import IMAGE_QOS
from posenet_ros.settings import PoseSettings

pytestmark = pytest.mark.usefixtures('network_075')

#: (x, y) of the nose in the picture of the astronaut, as seen in the picture.
NOSE = (224, 126)


def test_the_poses_are_those_of_the_library_with_the_header_of_the_image(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: PoseNet
) -> None:
    graph.start_posenet()
    messages = graph.collect_poses()
    sent = image_message(astronaut, second=7, frame='lens')
    graph.publish_until(graph.image_publisher(), sent, lambda: messages, 'poses')
    assert messages[0].header == sent.header
    assert (messages[0].image_width, messages[0].image_height) == (512, 512)
    (expected,) = PoseEstimator(network_075).estimate(astronaut)
    (pose,) = messages[0].poses
    assert pose.score == pytest.approx(expected.score)
    points = [(keypoint.x, keypoint.y) for keypoint in pose.keypoints]
    np.testing.assert_allclose(points, expected.keypoints, atol=1e-3)


def test_an_image_without_people_gives_an_empty_message(graph: Graph) -> None:
    graph.start_posenet()
    messages = graph.collect_poses()
    sent = image_message(np.zeros((48, 64, 3), np.uint8))
    graph.publish_until(graph.image_publisher(), sent, lambda: messages, 'poses')
    assert messages[0].poses == []


def test_the_annotated_image_shows_the_poses_and_has_the_header_of_the_image(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: PoseNet
) -> None:
    graph.start_posenet('-p', 'tracking:=false')  # images without ids
    annotated = graph.collect(Image, 'image_annotated', IMAGE_QOS)
    sent = image_message(astronaut, second=7)
    graph.publish_until(graph.image_publisher(), sent, lambda: annotated, 'annotated image')
    assert annotated[0].header == sent.header
    expected = draw_poses(astronaut, PoseEstimator(network_075).estimate(astronaut))
    np.testing.assert_array_equal(to_rgb(annotated[0]), expected)


@pytest.mark.parametrize(
    ('rows', 'columns'),
    [(slice(0, 512), slice(100, 400)), (slice(0, 300), slice(0, 512))],
    ids=['higher than wide', 'wider than high'],
)
def test_positions_and_views_are_correct_for_images_that_are_not_square(
    graph: Graph,
    astronaut: NDArray[np.uint8],
    network_075: PoseNet,
    rows: slice,
    columns: slice,
) -> None:
    picture = np.ascontiguousarray(astronaut[rows, columns])
    graph.start_posenet('-p', 'tracking:=false')  # images without ids
    poses = graph.collect_poses()
    annotated = graph.collect(Image, 'image_annotated', IMAGE_QOS)
    markers = graph.collect(MarkerArray, 'pose_markers')
    outputs = (poses, annotated, markers)
    graph.publish_until(
        graph.image_publisher(), image_message(picture), lambda: all(outputs), 'outputs'
    )
    (expected,) = PoseEstimator(network_075).estimate(picture)
    height, width = picture.shape[:2]
    assert (poses[0].image_height, poses[0].image_width) == (height, width)
    (pose,) = poses[0].poses
    points = [(keypoint.x, keypoint.y) for keypoint in pose.keypoints]
    np.testing.assert_allclose(points, expected.keypoints, atol=1e-3)
    # Not only the same as the library's: the nose is where it is in the whole picture.
    nose = pose.keypoints[0].x + columns.start, pose.keypoints[0].y + rows.start
    np.testing.assert_allclose(nose, NOSE, atol=8)
    np.testing.assert_array_equal(to_rgb(annotated[0]), draw_poses(picture, [expected]))
    # Without a calibration, 2 m in front of the camera the image is 2 m wide.
    (spheres,) = (one for one in markers[0].markers if one.ns == 'keypoints')
    x, y = expected.keypoints[0]
    metres = 2 * (x - (width - 1) / 2) / width, 2 * (y - (height - 1) / 2) / width
    np.testing.assert_allclose((spheres.points[0].x, spheres.points[0].y), metres, atol=1e-3)


def test_poses_are_published_in_the_order_of_the_images(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'image_scale_factor:=1.0')
    messages = graph.collect_poses()
    publisher = graph.image_publisher()
    seconds = iter(range(1, 1000))

    def publish_several() -> None:
        for _ in range(5):  # faster than the network can process them
            publisher.publish(image_message(astronaut, second=next(seconds)))

    graph.wait_until(lambda: len(messages) >= 10, 'messages', publish_several)
    seconds_received = [message.header.stamp.sec for message in messages]
    assert seconds_received == sorted(set(seconds_received))


@pytest.mark.parametrize(
    ('field', 'value', 'error'),
    [
        ('encoding', 'rgb9', "encoding 'rgb9' is not supported"),
        ('step', 1, 'step is 1, too small'),
        ('width', 0, 'width x height is 0x48'),
        ('height', 4800, 'data has 9216 bytes, too few'),
    ],
)
def test_a_bad_image_is_dropped_with_a_warning_and_the_next_good_one_is_processed(
    graph: Graph, field: str, value: object, error: str
) -> None:
    node = graph.start_posenet()
    messages = graph.collect_poses()
    publisher = graph.image_publisher()
    bad = image_message(np.zeros((48, 64, 3), np.uint8), second=1)
    setattr(bad, field, value)
    graph.publish_until(publisher, bad, lambda: error in node.output, error)
    assert f'/image_raw: image dropped: {error}' in node.output
    good = image_message(np.zeros((48, 64, 3), np.uint8), second=2)
    graph.publish_until(publisher, good, lambda: messages, 'poses')
    assert {message.header.stamp.sec for message in messages} == {2}


def test_poses_are_published_in_the_namespace_of_their_camera(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'image_topics:=[/front/image_raw, /rear/image_raw]')
    front, rear = graph.collect_poses('/front/poses'), graph.collect_poses('/rear/poses')
    front_images = graph.image_publisher('/front/image_raw')
    rear_images = graph.image_publisher('/rear/image_raw')
    person = image_message(astronaut, frame='front')
    nobody = image_message(np.zeros((48, 64, 3), np.uint8), frame='rear')
    graph.publish_until(front_images, person, lambda: front, 'poses of the front camera')
    graph.publish_until(rear_images, nobody, lambda: rear, 'poses of the rear camera')
    assert {(message.header.frame_id, len(message.poses)) for message in front} == {('front', 1)}
    assert {(message.header.frame_id, len(message.poses)) for message in rear} == {('rear', 0)}


#: Makes posenet_node print how many images go through the network in each run.
PRINT_BATCHES = """
from posenet_ros.posenet.network import PoseNet
infer = PoseNet.infer
def infer_and_print(self, images, framings):
    print(f'run of {len(images)} images', flush=True)
    return infer(self, images, framings)
PoseNet.infer = infer_and_print
"""


def test_cameras_that_share_a_run_of_the_network_each_get_their_own_poses(
    graph: Graph, astronaut: NDArray[np.uint8], tmp_path: Path
) -> None:
    cameras = ('a', 'b', 'small', 'bad')
    topics = ', '.join(f'/{camera}/image' for camera in cameras)
    # With this scale, a run takes long enough for other images to wait together.
    arguments = (f'image_topics:=[{topics}]', 'max_batch_size:=4', 'image_scale_factor:=1.0')
    words = (word for one in arguments for word in ('-p', one))
    node = start_patched(graph, tmp_path, PRINT_BATCHES, *words)
    messages = {camera: graph.collect_poses(f'/{camera}/poses') for camera in cameras}
    publishers = {camera: graph.image_publisher(f'/{camera}/image') for camera in cameras}
    pixels = {'a': astronaut, 'b': np.zeros_like(astronaut), 'small': astronaut[:256, :256]}
    images = {camera: image_message(pixels[camera], frame=camera) for camera in pixels}
    images['bad'] = image_message(astronaut, frame='bad')
    images['bad'].encoding = 'rgb9'

    def publish() -> None:
        for camera, publisher in publishers.items():
            publisher.publish(images[camera])

    graph.wait_until(
        lambda: (
            'run of 2 images' in node.output
            and all(len(messages[camera]) >= 5 for camera in pixels)
        ),
        'shared runs and messages of each camera',
        publish,
    )
    for camera in pixels:
        assert {message.header.frame_id for message in messages[camera]} == {camera}
    assert 0 not in {len(message.poses) for message in messages['a']}
    assert {len(message.poses) for message in messages['b']} == {0}
    assert messages['bad'] == []


def test_topics_are_in_the_namespace_of_the_node(graph: Graph) -> None:
    graph.start_posenet('-r', '__ns:=/robot')
    messages = graph.collect_poses('/robot/poses')
    image = image_message(np.zeros((48, 64, 3), np.uint8))
    publisher = graph.image_publisher('/robot/image_raw')
    graph.publish_until(publisher, image, lambda: messages, 'poses')


def test_an_unexpected_error_drops_one_image_and_does_not_end_the_node(
    graph: Graph, astronaut: NDArray[np.uint8], tmp_path: Path
) -> None:
    # A network that raises an unexpected error, once, on the first image.
    node = start_patched(
        graph,
        tmp_path,
        'from posenet_ros.posenet.network import PoseNet\n'
        'infer = PoseNet.infer\n'
        'def once(*arguments):\n'
        '    PoseNet.infer = infer\n'
        '    raise ZeroDivisionError("unexpected")\n'
        'PoseNet.infer = once\n',
    )
    messages = graph.collect_poses()
    image = image_message(astronaut)
    graph.publish_until(graph.image_publisher(), image, lambda: messages, 'poses')
    assert 'image dropped: Traceback' in node.output
    assert 'unexpected' in node.output


def test_the_annotated_image_is_mirrored_with_its_poses(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: PoseNet
) -> None:
    graph.start_posenet('-p', 'flip_horizontal:=true', '-p', 'tracking:=false')
    annotated = graph.collect(Image, 'image_annotated', IMAGE_QOS)
    publisher = graph.image_publisher()
    graph.publish_until(publisher, image_message(astronaut), lambda: annotated, 'annotated image')
    estimator = PoseEstimator(network_075, PoseSettings(flip_horizontal=True))
    expected = draw_poses(astronaut[:, ::-1], estimator.estimate(astronaut))
    np.testing.assert_array_equal(to_rgb(annotated[0]), expected)


def test_a_node_that_is_not_lazy_processes_images_without_subscribers(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet('-p', 'lazy:=false')
    bad = image_message(astronaut)
    bad.encoding = 'rgb9'
    graph.publish_until(graph.image_publisher(), bad, lambda: 'rgb9' in node.output, 'a warning')


def test_topics_can_be_remapped(graph: Graph, astronaut: NDArray[np.uint8]) -> None:
    graph.start_posenet('-r', 'image_raw:=/camera/color', '-r', 'poses:=/people')
    messages = graph.collect_poses('/people')
    publisher = graph.image_publisher('/camera/color')
    graph.publish_until(publisher, image_message(astronaut), lambda: messages, 'poses')


def test_the_node_works_while_simulated_time_is_paused(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'use_sim_time:=true')
    messages = graph.collect_poses()
    reports = graph.collect(DiagnosticArray, '/diagnostics')
    image = image_message(astronaut, second=7)
    graph.publish_until(
        graph.image_publisher(), image, lambda: messages and reports, 'poses and reports'
    )
    assert messages[0].header.stamp.sec == 7


def test_two_nodes_can_run_in_one_process_and_be_created_again(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    messages = [graph.collect_poses(f'/{name}/poses') for name in ('one', 'two')]
    publishers = [graph.node.create_publisher(Image, f'/{name}/image_raw', IMAGE_QOS)
                  for name in ('one', 'two')]  # fmt: skip
    image = image_message(astronaut)

    def publish() -> None:
        for publisher in publishers:
            publisher.publish(image)

    for _ in range(2):
        for received in messages:
            received.clear()
        with (
            graph.host(lambda context: PosenetNode(context=context, namespace='/one')),
            graph.host(lambda context: PosenetNode(context=context, namespace='/two')),
        ):
            graph.wait_until(lambda: all(messages), 'poses of both nodes', publish)
