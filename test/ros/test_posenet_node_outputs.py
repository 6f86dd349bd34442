"""What posenet_node publishes besides poses, in a process of its own, over real DDS."""

from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
import numpy as np
from numpy.typing import NDArray
import pytest
from rclpy.utilities import get_rmw_implementation_identifier
from ros_graph import Graph, image_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from visualization_msgs.msg import Marker, MarkerArray

from posenet_ros.drawing import draw_poses
from posenet_ros.estimator import PoseEstimator
from posenet_ros.image_files import write_png
from posenet_ros.network import Network
from posenet_ros.ros.compressed_conversion import compressed_to_rgb, to_compressed
from posenet_ros.ros.topics import IMAGE_QOS, POSES_QOS

pytestmark = pytest.mark.usefixtures('network_075')


def compressed_message(pixels: NDArray[np.uint8], second: int = 1) -> CompressedImage:
    """Return a JPEG message of high quality, stamped in whole seconds."""
    return to_compressed(pixels, image_message(pixels, second=second).header, 95)


def compressed_publisher(graph: Graph, topic: str) -> Any:
    publisher = graph.node.create_publisher(CompressedImage, topic, IMAGE_QOS)
    graph.wait_until(lambda: publisher.get_subscription_count() > 0, f'subscriber of {topic}')
    return publisher


def latest(reports: list[DiagnosticArray]) -> DiagnosticStatus:
    """Return the status of the only camera in the last report; the node's own comes first."""
    return reports[-1].status[1]


def values(reports: list[DiagnosticArray]) -> dict[str, str]:
    return {value.key: value.value for value in latest(reports).values} if reports else {}


@pytest.mark.parametrize(
    'arguments',
    [
        ['-p', 'image_topics:=[/rear/image_raw/compressed]'],
        ['-p', 'image_topics:=[/rear/image_raw]', '-p', 'image_transport:=compressed'],
        ['-p', 'image_topics:=[/rear/image]', '-r', '/rear/image:=/rear/image_raw/compressed'],
    ],
    ids=['by name', 'by transport', 'by remapping'],
)
def test_compressed_images_are_answered_beside_the_raw_topic(
    graph: Graph, astronaut: NDArray[np.uint8], arguments: list[str]
) -> None:
    graph.start_posenet(*arguments)
    answers = graph.collect_poses('/rear/poses')
    publisher = compressed_publisher(graph, '/rear/image_raw/compressed')
    message = compressed_message(astronaut)
    graph.publish_until(publisher, message, lambda: answers, 'poses')
    assert answers[0].header == message.header
    assert (answers[0].image_width, answers[0].image_height) == (512, 512)
    assert len(answers[0].poses) == 1


def test_a_corrupt_stream_is_dropped_and_the_next_image_answered(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet('-p', 'image_topics:=[/image/compressed]')
    answers = graph.collect_poses('/poses')
    publisher = compressed_publisher(graph, '/image/compressed')
    corrupt = compressed_message(astronaut, second=1)
    corrupt.data = corrupt.data[:5000]
    graph.publish_until(publisher, corrupt, lambda: 'image dropped' in node.output, 'a warning')
    good = compressed_message(astronaut, second=2)
    graph.publish_until(publisher, good, lambda: answers, 'poses')
    assert {answer.header.stamp.sec for answer in answers} == {2}


def test_the_annotated_image_comes_compressed_to_who_wants_it_so(
    graph: Graph, astronaut: NDArray[np.uint8], network_075: Network
) -> None:
    graph.start_posenet('-p', 'jpeg_quality:=95')
    annotated = graph.collect(CompressedImage, 'image_annotated/compressed', IMAGE_QOS)
    sent = image_message(astronaut)
    graph.publish_until(graph.image_publisher(), sent, lambda: annotated, 'annotated image')
    assert annotated[0].header == sent.header
    expected = draw_poses(astronaut, PoseEstimator(network_075).estimate(astronaut))
    error = np.abs(compressed_to_rgb(annotated[0]).astype(int) - expected)
    assert error.mean() < 3


def test_the_compressed_annotated_image_goes_along_when_the_raw_one_is_remapped(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-r', 'image_annotated:=/view')
    raw = graph.collect(Image, '/view', IMAGE_QOS)
    compressed = graph.collect(CompressedImage, '/view/compressed', IMAGE_QOS)
    sent = image_message(astronaut)
    graph.publish_until(graph.image_publisher(), sent, lambda: raw and compressed, 'both')


def test_markers_show_a_skeleton_in_the_frame_of_the_image(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'marker_distance:=3.0')
    arrays = graph.collect(MarkerArray, 'pose_markers')
    sent = image_message(astronaut, frame='lens')
    graph.publish_until(graph.image_publisher(), sent, lambda: arrays, 'markers')
    first, *others = arrays[0].markers
    assert first.action == Marker.DELETEALL
    assert {marker.ns for marker in others} == {'limbs', 'keypoints'}
    assert all(marker.header == sent.header for marker in others)
    assert {point.z for marker in others for point in marker.points} == {3.0}


def test_markers_go_by_the_camera_info(graph: Graph, astronaut: NDArray[np.uint8]) -> None:
    graph.start_posenet()
    arrays = graph.collect(MarkerArray, 'pose_markers')
    infos = graph.node.create_publisher(CameraInfo, 'camera_info', POSES_QOS)
    # A focal length of a tenth of what counts without a camera_info: ten times as far apart.
    info = CameraInfo(width=512, height=512, k=[51.2, 0, 255.5, 0, 51.2, 255.5, 0, 0, 1.0])
    graph.wait_until(lambda: infos.get_subscription_count() > 0, 'subscriber of camera_info')
    images = graph.image_publisher()

    def publish() -> None:
        infos.publish(info)
        images.publish(image_message(astronaut))

    def spread() -> float:
        points: list[float] = [point.x for marker in arrays[-1].markers for point in marker.points]
        return max(points) - min(points)

    graph.wait_until(lambda: arrays and spread() > 3.0, 'markers ten times as far apart', publish)


def test_diagnostics_tell_of_a_camera_at_work(graph: Graph, astronaut: NDArray[np.uint8]) -> None:
    graph.start_posenet('-p', 'image_topics:=[/front/image_raw]')
    reports = graph.collect(DiagnosticArray, '/diagnostics')
    graph.collect_poses('/front/poses')
    publisher = graph.image_publisher('/front/image_raw')
    graph.publish_until(
        publisher,
        image_message(astronaut),
        lambda: values(reports).get('people') == '1',
        'a report of a person',
    )
    assert latest(reports).name == '/posenet: /front/image_raw'
    assert latest(reports).level == DiagnosticStatus.OK
    told = values(reports)
    assert int(told['images received']) >= int(told['images processed']) >= 1
    assert told['model'] == 'mobilenet_v1_075'
    assert told['output stride'] == '16'
    assert told['input size'] == '241x241'
    assert told['execution provider'] == 'CPUExecutionProvider'


def test_diagnostics_tell_of_refused_images_with_the_reason(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    reports = graph.collect(DiagnosticArray, '/diagnostics')
    graph.collect_poses()
    bad = image_message(astronaut)
    bad.encoding = 'rgb9'
    graph.publish_until(
        graph.image_publisher(),
        bad,
        lambda: reports and latest(reports).level == DiagnosticStatus.ERROR,
        'an ERROR',
    )
    assert 'rgb9' in values(reports)['last refusal']


def test_images_are_counted_and_not_worked_on_while_nobody_subscribes(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    reports = graph.collect(DiagnosticArray, '/diagnostics')
    graph.publish_until(
        graph.image_publisher(),
        image_message(astronaut),
        lambda: int(values(reports).get('images received', '0')) >= 5,
        'images to be received',
    )
    assert values(reports)['images processed'] == '0'


def test_silence_is_stale_and_said_once_and_so_is_the_return(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet('-p', 'image_timeout:=1.0')
    reports = graph.collect(DiagnosticArray, '/diagnostics')
    publisher = graph.image_publisher()
    graph.wait_until(
        lambda: len(reports) >= 4 and latest(reports).level == DiagnosticStatus.STALE, 'STALE'
    )
    assert node.output.count('no image for') == 1
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: 'images are back' in node.output, 'the return')
    assert node.output.count('no image for') == 1


def test_a_peer_that_does_not_fit_is_told_of_once_with_the_remedy(graph: Graph) -> None:
    node = graph.start_posenet()
    reports = graph.collect(DiagnosticArray, '/diagnostics')
    # Reliable, which the best-effort publisher of images does not serve.
    graph.collect(Image, 'image_annotated', POSES_QOS)
    remedy = 'qos_overrides./image_annotated.publisher.reliability'
    graph.wait_until(lambda: remedy in node.output, 'a warning')
    graph.collect(Image, 'image_annotated', POSES_QOS)
    graph.wait_until(lambda: len(reports) >= 2, 'reports')
    assert node.output.count(remedy) == 1
    graph.wait_until(lambda: 'RELIABILITY' in latest(reports).message, 'the policy in a report')


@pytest.mark.skipif(
    'fastrtps' not in get_rmw_implementation_identifier(),
    reason='it takes the limits of Fast DDS to lose images, and another middleware is in use',
)
def test_lost_images_are_counted_and_told_of_once(
    graph: Graph, tmp_path: Path, astronaut: NDArray[np.uint8]
) -> None:
    # Without our profile, images this large do not fit into the shared memory of Fast DDS.
    variables = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
    defaults = dict.fromkeys(variables, '')
    picture = tmp_path / 'large.png'
    write_png(picture, np.tile(astronaut, (2, 2, 1)))
    node = graph.start('posenet_node', environment=defaults)
    reports = graph.collect(DiagnosticArray, '/diagnostics')
    graph.start('image_source', '-p', f'source:={picture}', environment=defaults)
    graph.wait_until(
        lambda: int(values(reports).get('images lost', '0')) > 0, 'a report of lost images'
    )
    assert node.output.count('get lost on their way here') == 1


def test_a_complaint_about_one_camera_does_not_hide_that_about_another(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet(
        *('-p', 'image_topics:=[/a/image, /b/image]'), *('-p', 'lazy:=false')
    )
    publishers = [graph.image_publisher(topic) for topic in ('/a/image', '/b/image')]
    bad = image_message(astronaut)
    bad.encoding = 'rgb9'
    graph.wait_until(
        lambda: all(f'{name}: image dropped' in node.output for name in ('/a/image', '/b/image')),
        'a complaint about each',
        lambda: [publisher.publish(bad) for publisher in publishers],
    )
