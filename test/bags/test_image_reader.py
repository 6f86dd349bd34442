from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from made_bags import film, Made, Rgb, START, text, write_bag
import numpy as np
import pytest

from posenet_ros.bags import image_reader
from posenet_ros.bags.image_reader import ImageReader, ReadMessage
from posenet_ros.bags.journal import Journal
from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.bags.storage.recording import open_recording, RecordedMessage, Recording
from posenet_ros.errors import BagError

PICTURES: list[Rgb] = list(np.zeros((2, 4, 6, 3), np.uint8))


def read(folder: Path) -> list[ReadMessage | str]:
    """Return the messages of a bag with two images and a text."""
    messages = [*film('/a/image', PICTURES), Made('/chatter', START + 10**10, text('hello'))]
    source = write_bag(folder / 'in', messages)
    with (
        open_recording(source) as recording,
        closing(Journal(folder / 'work' / 'j', 'key')) as journal,
    ):
        reader = ImageReader(load_message_types(), journal, topics={'/a/image'}, max_pixels=100)
        return list(reader.read(recording, recording.connections))


def test_all_messages_are_read_and_those_on_image_topics_are_converted(tmp_path: Path) -> None:
    found = [
        (one.message.connection.topic, one.image is not None)
        for one in read(tmp_path)
        if isinstance(one, ReadMessage)
    ]
    assert found == [('/a/image', True), ('/a/image', True), ('/chatter', False)]


def test_damage_is_the_last_item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Recording.messages

    def messages(self: Recording, *arguments: object) -> Iterator[RecordedMessage]:
        yield next(whole(self, *arguments))  # type: ignore[arg-type]
        raise BagError('in is damaged')

    monkeypatch.setattr(Recording, 'messages', messages)
    first, second = read(tmp_path)
    assert isinstance(first, ReadMessage)
    assert second == 'in is damaged'


def test_an_error_that_an_image_did_not_cause_ends_the_conversion_with_its_topic_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(image_reader, 'read_image', fail)
    with pytest.raises(BagError, match=r'/a/image, recorded at 100\.001\d*: MemoryError; to con'):
        read(tmp_path)
