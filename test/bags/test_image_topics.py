from dataclasses import replace
from pathlib import Path

from made_bags import compressed, film, hide_topic, Made, raw, Rgb, START, text, write_bag
import numpy as np
import pytest

from posenet_ros.bags.image_topics import Choice, choose_cameras
from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.bags.storage.recording import open_recording
from posenet_ros.errors import BagError

PICTURES: list[Rgb] = list(np.zeros((1, 4, 6, 3), np.uint8))


def choose(folder: Path, messages: list[Made], *topics: str) -> Choice:
    """Return the cameras in a bag with these messages."""
    source = write_bag(folder / 'in', messages)
    with open_recording(source) as recording:
        return choose_cameras(recording, topics, load_message_types())


def films(*topics: str) -> list[Made]:
    """Return an image on each of these topics."""
    return [one for topic in topics for one in film(topic, PICTURES)]


def test_without_topics_each_camera_is_taken_once_and_raw_images_are_preferred(
    tmp_path: Path,
) -> None:
    topics = ('/b/image_raw/compressed', '/a/image_raw/compressed', '/a/image_raw', '/a/other')
    choice = choose(tmp_path, [*films(*topics), Made('/chatter', START, text('hello'))])
    assert [(one.topic, one.names.poses) for one in choice.cameras] == [
        ('/a/image_raw', '/a/poses'),
        ('/b/image_raw/compressed', '/b/poses'),
    ]
    assert [one.image_count for one in choice.cameras] == [1, 1]
    left_out = [line for line in choice.notices if '--topic /a/image_raw/compressed' in line]
    assert len(left_out) == 1
    assert any('--topic /a/other' in line for line in choice.notices)


def test_without_topics_depth_and_our_own_outputs_are_left_out(tmp_path: Path) -> None:
    depth = Made('/a/depth/image', START, raw(PICTURES[0], START, encoding='16UC1'))
    packed = Made('/a/depth/image/compressedDepth', START, compressed(PICTURES[0], START))
    own = films('/b/image_annotated', '/c/image_annotated/compressed')
    choice = choose(tmp_path, [*films('/a/image'), depth, packed, *own])
    assert [one.topic for one in choice.cameras] == ['/a/image']
    assert len(choice.notices) == 4


def test_named_topics_are_taken_whatever_else_there_is(tmp_path: Path) -> None:
    messages = films('/a/image_raw/compressed', '/a/image_raw', '/b/image')
    choice = choose(tmp_path, messages, '/a/image_raw/compressed', 'b/image')
    assert [one.topic for one in choice.cameras] == ['/a/image_raw/compressed', '/b/image']
    assert choice.notices == ()


def test_an_image_topic_with_the_name_of_an_output_is_left_out(tmp_path: Path) -> None:
    choice = choose(tmp_path, films('/a/poses', '/b/image', '/c/annotations'))
    assert [one.topic for one in choice.cameras] == ['/b/image']
    assert len(choice.notices) == 2
    assert all('an output for it would have the same name' in line for line in choice.notices)


def test_a_topic_whose_first_message_cannot_be_read_is_taken(tmp_path: Path) -> None:
    (image,) = films('/a/image')
    broken = replace(image, data=b'\x00\x01\x00\x00half')
    choice = choose(tmp_path, [broken, *film('/a/image', PICTURES, first=START + 10**9)])
    assert [one.topic for one in choice.cameras] == ['/a/image']


def test_a_topic_whose_messages_are_not_in_the_file_is_taken(tmp_path: Path) -> None:
    source = write_bag(tmp_path / 'in', films('/a/image'))
    hide_topic(source, '/a/image')
    with open_recording(source) as recording:
        choice = choose_cameras(recording, (), load_message_types())
    assert [one.topic for one in choice.cameras] == ['/a/image']


@pytest.mark.parametrize(
    ('topics', 'message'),
    [
        (['/nowhere'], "has no '/nowhere'; its image topics are /a/image, /a/other, /b/poses"),
        (['/chatter'], '/chatter has std_msgs/msg/String, not images'),
        (['/a/image', '/a/other'], 'the poses of /a/image and /a/other would both be on /a/poses'),
        (['/b/poses'], '/b/poses cannot be converted, because an output for it would have the'),
    ],
)
def test_topics_that_cannot_be_converted_are_refused(
    tmp_path: Path, topics: list[str], message: str
) -> None:
    messages = [*films('/a/image', '/a/other', '/b/poses'), Made('/chatter', START, text('hello'))]
    with pytest.raises(BagError, match=message):
        choose(tmp_path, messages, *topics)


def test_a_bag_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BagError, match='has no images; it has no image topics'):
        choose(tmp_path, [Made('/chatter', START, text('hello'))])
