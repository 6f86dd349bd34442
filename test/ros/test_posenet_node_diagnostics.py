"""Reports of posenet_node about itself and its cameras on /diagnostics, over real DDS."""

from pathlib import Path

from diagnostic_msgs.msg import DiagnosticStatus
from lifecycle_msgs.msg import Transition
from node_services import change_state
import numpy as np
from numpy.typing import NDArray
import pytest
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from reports import Reports
from ros_graph import Graph, image_message, PATIENCE
from sensor_msgs.msg import CompressedImage, Image

from posenet_ros.image_files import write_png
from posenet_ros.inference.machine.nvidia import find_driver
from posenet_ros.msg import PoseArray
from posenet_ros.ros.topics.middleware import is_fast_dds
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

pytestmark = pytest.mark.usefixtures('network_075')


def node(reports: Reports) -> DiagnosticStatus:
    return reports.node


def camera(reports: Reports) -> DiagnosticStatus:
    return reports.camera


@pytest.fixture
def reports(graph: Graph) -> Reports:
    return Reports(graph)


def test_a_node_that_was_shut_down_reports_it(graph: Graph, reports: Reports) -> None:
    graph.start_posenet()
    assert change_state(graph, Transition.TRANSITION_ACTIVE_SHUTDOWN)
    reports.wait_for('finalized', node)
    assert reports.node.level == DiagnosticStatus.OK


def test_a_failed_configuration_is_an_error_with_the_cause(
    graph: Graph, reports: Reports, tmp_path: Path
) -> None:
    graph.start('posenet_node', environment={'POSENET_HOME': str(tmp_path)})
    reports.wait_for('posenet download mobilenet_v1_075', node)
    assert reports.node.level == DiagnosticStatus.ERROR


def test_an_unconfigured_node_is_ok_and_reports_its_state(graph: Graph, reports: Reports) -> None:
    graph.start('posenet_node', '-p', 'autostart:=false')
    reports.wait_for('unconfigured', node)
    assert reports.node.level == DiagnosticStatus.OK


def test_a_camera_without_subscribers_is_not_reported_as_hanging(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    graph.publish_until(
        graph.image_publisher(),
        image_message(astronaut),
        lambda: 'nobody subscribes' in reports.camera.message,
        'the message',
    )
    assert reports.camera.level == DiagnosticStatus.OK


def test_it_is_an_error_when_images_arrive_and_none_is_processed_for_the_timeout(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    # One inference takes longer than the timeout.
    slow = ('-p', 'input_size:=2048x2048', '-p', 'output_stride:=8', '-p', 'image_timeout:=0.5')
    graph.start_posenet(*slow, '-p', 'lazy:=false')
    graph.publish_until(
        graph.image_publisher(),
        image_message(astronaut),
        lambda: 'none was processed' in reports.camera.message,
        'the message',
    )
    assert reports.camera.level == DiagnosticStatus.ERROR


def test_silence_is_explained_when_nobody_publishes(graph: Graph, reports: Reports) -> None:
    program = graph.start_posenet('-p', 'image_timeout:=0.5')
    reports.wait_for('nobody publishes this topic', camera)
    assert 'nobody publishes this topic' in program.output


def test_silence_is_explained_when_the_topic_has_another_type(
    graph: Graph, reports: Reports
) -> None:
    graph.start_posenet('-p', 'image_timeout:=0.5')
    graph.node.create_publisher(CompressedImage, 'image_raw', IMAGE_QOS)
    reports.wait_for('has the type sensor_msgs/msg/CompressedImage', camera)
    assert 'image_transport' in reports.camera.message


def test_incompatible_peers_are_counted_until_they_leave(graph: Graph, reports: Reports) -> None:
    graph.start_posenet()
    key = 'peers with incompatible QoS'
    # Transient local, which the volatile publisher does not serve.
    transient = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    topic = 'image_annotated'
    peers = [graph.node.create_subscription(Image, topic, print, transient) for _ in range(2)]
    graph.wait_until(
        lambda: reports.value(key) == '2 on /image_annotated (DURABILITY)', 'both to be counted'
    )
    for peer in peers:
        graph.node.destroy_subscription(peer)
    graph.wait_until(lambda: reports.value(key) == '0', 'their end to be seen')


def test_a_subscriber_with_incompatible_durability_is_reported_with_the_remedy(
    graph: Graph, reports: Reports
) -> None:
    program = graph.start_posenet()
    transient = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    graph.collect(PoseArray, 'poses', transient)
    remedy = 'qos_overrides./poses.publisher.durability'
    graph.wait_until(lambda: remedy in program.output, 'a warning')
    graph.wait_until(
        lambda: reports.value('peers with incompatible QoS') == '1 on /poses (DURABILITY)',
        'the peer in a report',
    )
    assert 'make the publisher transient local' in reports.camera.message


def test_a_fallback_to_another_execution_provider_is_a_warning_with_the_cause(
    graph: Graph, reports: Reports
) -> None:
    if find_driver() is not None:
        pytest.skip('this machine has an NVIDIA driver, and cuda may work')
    wanted = ['-p', 'execution_provider:=cuda', '-p', 'allow_fallback:=true']
    started = graph.start('posenet_node', *wanted)
    reports.wait_for('no NVIDIA driver is installed', node)
    reports.wait_for('cpu runs the network', node)
    assert reports.node.level == DiagnosticStatus.WARN
    graph.wait_until(
        lambda: reports.value('execution provider') == 'CPUExecutionProvider', 'the provider'
    )
    assert 'cuda cannot be used' in started.output


def test_diagnostics_show_the_network_and_its_execution_provider(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'image_topics:=[/front/image_raw]')
    graph.collect_poses('/front/poses')
    publisher = graph.image_publisher('/front/image_raw')
    graph.publish_until(
        publisher,
        image_message(astronaut),
        lambda: reports.value('people') == '1',
        'a report of a person',
    )
    assert reports.camera.name == '/posenet: /front/image_raw'
    assert reports.camera.level == DiagnosticStatus.OK
    told = reports.value
    assert int(told('images received')) >= int(told('images processed')) >= 1
    assert told('model') == 'mobilenet_v1_075'
    assert told('output stride') == '16'
    assert told('input size') == '241x241'
    assert told('execution provider') == 'CPUExecutionProvider'


def test_refused_images_are_an_error_with_the_reason(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    graph.collect_poses()
    bad = image_message(astronaut)
    bad.encoding = 'rgb9'
    graph.publish_until(
        graph.image_publisher(),
        bad,
        lambda: reports.camera.level == DiagnosticStatus.ERROR,
        'an ERROR',
    )
    assert 'rgb9' in reports.value('last refusal')


def test_counts_and_latency_are_those_of_the_images(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'qos_overrides./image_raw.subscription.reliability:=reliable')
    poses = graph.collect_poses()
    publisher = graph.node.create_publisher(Image, 'image_raw', POSES_QOS)
    graph.wait_until(publisher.get_subscription_count, 'the subscriber')
    graph.wait_until(lambda: graph.node.count_publishers('poses'), 'the publisher of poses')
    refused = image_message(astronaut)
    refused.encoding = 'rgb9'
    publisher.publish(refused)
    graph.wait_until(lambda: reports.value('images refused') == '1', 'the refused image')
    age = Duration(seconds=100)
    for number in range(1, 4):
        image = image_message(astronaut)
        image.header.stamp = (graph.node.get_clock().now() - age).to_msg()
        graph.wait_until(poses.copy if number > 1 else lambda: True, 'the image before')
        poses.clear()
        publisher.publish(image)
    graph.wait_until(lambda: reports.value('images processed') == '3', 'all images')
    assert reports.value('images received') == '4'
    assert reports.value('images replaced by newer ones') == '0'
    assert reports.value('images lost') == '0'
    for latency in ('latency median (ms)', 'latency p95 (ms)'):
        assert 100_000 < float(reports.value(latency)) < 100_000 + 1000 * PATIENCE


def test_a_warning_goes_away_once_images_are_good_again(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    graph.collect_poses()
    publisher = graph.image_publisher()
    bad, good = image_message(astronaut), image_message(astronaut)
    bad.encoding = 'rgb9'
    graph.publish_until(
        publisher, bad, lambda: reports.camera.level == DiagnosticStatus.ERROR, 'an ERROR'
    )
    graph.publish_until(
        publisher, good, lambda: reports.camera.level == DiagnosticStatus.OK, 'an OK'
    )
    assert 'refused' not in reports.camera.message
    assert 'rgb9' in reports.value('last refusal')


def test_images_are_counted_but_not_processed_while_nobody_subscribes(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet()
    graph.publish_until(
        graph.image_publisher(),
        image_message(astronaut),
        lambda: int(reports.value('images received') or '0') >= 5,
        'images to be received',
    )
    assert reports.value('images processed') == '0'


def test_silence_and_its_end_are_each_logged_once(
    graph: Graph, reports: Reports, astronaut: NDArray[np.uint8]
) -> None:
    node = graph.start_posenet('-p', 'image_timeout:=1.0')
    publisher = graph.image_publisher()
    graph.wait_until(
        lambda: reports.number >= 4 and reports.camera.level == DiagnosticStatus.STALE, 'STALE'
    )
    assert node.output.count('no image for') == 1
    image = image_message(astronaut)
    graph.publish_until(publisher, image, lambda: 'images are back' in node.output, 'the return')
    assert node.output.count('no image for') == 1


def test_an_incompatible_peer_is_logged_once_with_the_remedy(
    graph: Graph, reports: Reports
) -> None:
    remedy = 'qos_overrides./image_annotated.publisher.reliability'
    node = graph.start_posenet('-p', f'{remedy}:=best_effort')
    graph.collect(Image, 'image_annotated', POSES_QOS)
    graph.wait_until(lambda: remedy in node.output, 'a warning')
    graph.collect(Image, 'image_annotated', POSES_QOS)
    graph.wait_until(lambda: reports.number >= 2, 'reports')
    assert node.output.count(remedy) == 1
    graph.wait_until(lambda: 'RELIABILITY' in reports.camera.message, 'the policy in a report')


@pytest.mark.skipif(
    not is_fast_dds(),
    reason='only Fast DDS is known to lose these images, and another middleware is in use',
)
def test_lost_images_are_counted_and_logged_once(
    graph: Graph, reports: Reports, tmp_path: Path, astronaut: NDArray[np.uint8]
) -> None:
    # Without our profile, images this large do not fit into the shared memory of Fast DDS.
    variables = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
    defaults = dict.fromkeys(variables, '')
    picture = tmp_path / 'large.png'
    write_png(picture, np.tile(astronaut, (2, 2, 1)))
    node = graph.start('posenet_node', environment=defaults)
    graph.start('image_source', '-p', f'source:={picture}', environment=defaults)
    graph.wait_until(
        lambda: int(reports.value('images lost') or '0') > 0, 'a report of lost images'
    )
    assert node.output.count('the middleware loses images') == 1


def test_two_publishers_of_one_image_topic_are_named_in_the_status_and_logged_once(
    graph: Graph, reports: Reports
) -> None:
    program = graph.start_posenet('-p', 'image_timeout:=60.0')
    graph.node.create_publisher(Image, 'image_raw', IMAGE_QOS)
    with graph.host(lambda context: Node('player', context=context)) as other:
        publisher = other.create_publisher(Image, 'image_raw', IMAGE_QOS)
        reports.wait_for('/player, /test', camera)
        assert reports.camera.level == DiagnosticStatus.WARN
        number = reports.number
        graph.wait_until(lambda: reports.number > number + 1, 'more reports')
        other.destroy_publisher(publisher)
        graph.wait_until(lambda: '/player' not in reports.camera.message, 'its end to be seen')
    assert program.output.count('/image_raw: the topic has 2 publishers') == 1


def test_simulated_time_without_a_clock_is_a_warning_of_the_node(
    graph: Graph, reports: Reports
) -> None:
    graph.start_posenet('-p', 'use_sim_time:=true')
    reports.wait_for('nobody publishes /clock', node)
    assert reports.node.level == DiagnosticStatus.WARN
