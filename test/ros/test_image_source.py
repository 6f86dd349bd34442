"""image_source in a separate process, over real DDS."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from rclpy.time import Time
from ros_graph import Graph
from sensor_msgs.msg import Image

from posenet_ros.image_files import write_png
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.topics.qos import IMAGE_QOS


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Return a video of five frames, each brighter than the previous one."""
    path = tmp_path / 'video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 30, (64, 48))
    for brightness in range(50, 300, 50):
        writer.write(np.full((48, 64, 3), brightness, np.uint8))
    writer.release()
    return path


def brightness(message: Image) -> int:
    return round(float(to_rgb(message).mean()) / 50) * 50


def test_an_image_is_published_repeatedly(graph: Graph, tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    write_png(tmp_path / 'picture.png', picture)
    images = graph.collect(Image, 'image_raw', IMAGE_QOS)
    graph.start('image_source', '-p', f'source:={tmp_path}/picture.png', '-p', 'frame_id:=lens')
    graph.wait_until(lambda: len(images) >= 3, 'three images')
    for message in images:
        np.testing.assert_array_equal(to_rgb(message), picture)
        assert message.header.frame_id == 'lens'
    stamps = [(m.header.stamp.sec, m.header.stamp.nanosec) for m in images]
    assert stamps == sorted(set(stamps))


def test_the_rate_sets_the_time_between_images(graph: Graph, video: Path) -> None:
    images = graph.collect(Image, 'image_raw', IMAGE_QOS)
    graph.start('image_source', '-p', f'source:={video}', '-p', 'rate:=4.0')
    graph.wait_until(lambda: len(images) >= 4, 'four images')
    first, last = (Time.from_msg(images[index].header.stamp) for index in (0, 3))
    # Three periods of 250 ms, minus a delay of the first image. At the default rate: 100 ms.
    assert (last - first).nanoseconds * 1e-9 > 0.5


def test_a_video_is_repeated(graph: Graph, video: Path) -> None:
    images = graph.collect(Image, 'image_raw', IMAGE_QOS)
    graph.start('image_source', '-p', f'source:={video}')
    graph.wait_until(lambda: len(images) >= 12, 'the video twice')
    seen = [brightness(message) for message in images]
    assert any(after < before for before, after in pairwise(seen))
    assert set(seen) <= {50, 100, 150, 200, 250}


def test_without_loop_the_node_exits_at_the_end_of_the_video(graph: Graph, video: Path) -> None:
    source = graph.start('image_source', '-p', f'source:={video}', '-p', 'loop:=false')
    assert source.wait() == 0
    assert 'reached the end of the video' in source.output


@pytest.mark.parametrize(
    ('source', 'reason'),
    [
        ('', 'source is empty'),
        ('/nowhere.mp4', 'cannot open /nowhere.mp4: No such file'),
        ('99', 'cannot open webcam 99: there is no /dev/video99'),
        (__file__, 'it is neither an image nor a video'),
        ('/dev/null', 'cannot open /dev/null'),
        ('~no-such-user/x', "'~no-such-user/x' starts with ~"),
    ],
)
def test_the_node_exits_and_names_a_source_that_cannot_be_opened(
    graph: Graph, source: str, reason: str
) -> None:
    program = graph.start('image_source', '-p', f'source:={source}' if source else 'source:=""')
    assert program.wait() == 1
    assert reason in program.output
    assert 'Traceback' not in program.output


def test_a_misspelt_parameter_is_reported_before_the_node_exits(graph: Graph) -> None:
    program = graph.start('image_source', '-p', 'sourc:=x')
    assert program.wait() == 1
    mistake, reason = program.output.splitlines()
    assert "'sourc' (did you mean source?)" in mistake
    assert 'source is empty' in reason


def test_a_qos_override_is_reported_as_the_node_has_none(graph: Graph, video: Path) -> None:
    override = 'qos_overrides./image_raw.publisher.depth'
    program = graph.start('image_source', '-p', f'source:={video}', '-p', f'{override}:=2')
    graph.wait_until(lambda: ' -> ' in program.output, 'the node to start')
    assert f"QoS overrides have no effect: '{override}'" in program.output


def test_the_node_exits_if_the_rate_is_out_of_range(graph: Graph) -> None:
    program = graph.start('image_source', '-p', 'source:=x', '-p', 'rate:=0.0')
    assert program.wait() == 1
    assert 'rate is 0.0; choose 0.1 to 1000.0' in program.output


def test_the_node_exits_if_no_frame_of_a_video_can_be_read(graph: Graph, video: Path) -> None:
    content = video.read_bytes()
    frames = content.index(b'movi') + 4
    video.write_bytes(content[:frames] + bytes(len(content) - frames))
    program = graph.start('image_source', '-p', f'source:={video}')
    assert program.wait() == 1
    assert 'Traceback' not in program.output
