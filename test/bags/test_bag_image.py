from pathlib import Path
from typing import Any

from hypothesis import given, strategies
from made_bags import compressed, film, Made, raw, Rgb, START, write_bag
import numpy as np
import pytest

from posenet_ros.bags import bag_image
from posenet_ros.bags.bag_image import BagImage, read_image
from posenet_ros.bags.outcome import Outcome
from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.bags.storage.recording import open_recording, RecordedMessage

PICTURE: Rgb = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)


def recorded(folder: Path, made: Made) -> RecordedMessage:
    """Return a message as it is in a bag."""
    with open_recording(write_bag(folder / 'in', [made])) as recording:
        (message,) = recording.messages(recording.connections)
    return message


def read(
    message: RecordedMessage, *, known: Outcome | None = None, max_pixels: int = 100
) -> BagImage:
    return read_image(message, load_message_types(), known=known, max_pixels=max_pixels)


@pytest.mark.parametrize('topic', ['/a/image', '/a/image/compressed'])
def test_an_image_has_the_pixels_and_times_of_its_message(tmp_path: Path, topic: str) -> None:
    (made,) = film(topic, [PICTURE])
    image = read(recorded(tmp_path, made))
    assert image.pixels is not None
    np.testing.assert_array_equal(image.pixels, PICTURE)
    assert (image.topic, image.outcome, image.recalled) == (topic, None, False)
    assert (image.stamp, image.received) == (100.0, 100.001)


def test_the_type_of_a_message_and_not_the_name_of_its_topic_says_what_it_is(
    tmp_path: Path,
) -> None:
    message = recorded(tmp_path, Made('/a/image', START, compressed(PICTURE, START)))
    image = read(message)
    assert image.pixels is not None


def test_an_image_without_a_stamp_has_none(tmp_path: Path) -> None:
    assert read(recorded(tmp_path, Made('/a', START, raw(PICTURE, 0)))).stamp is None


def test_an_image_with_a_known_outcome_is_not_converted(tmp_path: Path) -> None:
    (made,) = film('/a/image', [PICTURE])
    known = Outcome(topic='/a/image', time=made.time, size=(4, 6))
    image = read(recorded(tmp_path, made), known=known)
    assert (image.pixels, image.outcome, image.recalled) == (None, known, True)


@pytest.mark.parametrize(
    ('changed', 'reason'),
    [({'encoding': 'none'}, "encoding 'none'"), ({'step': 3}, 'step is 3'), ({'height': 9}, '72')],
)
def test_an_image_that_cannot_be_converted_is_refused_with_the_reason(
    tmp_path: Path, changed: dict[str, object], reason: str
) -> None:
    image = read(recorded(tmp_path, Made('/a', START, raw(PICTURE, START, **changed))))
    assert image.outcome is not None
    assert reason in image.outcome.refusal
    assert image.outcome.size is None
    assert not image.recalled


def test_an_image_with_too_many_pixels_is_refused(tmp_path: Path) -> None:
    (made,) = film('/a/image', [PICTURE])
    image = read(recorded(tmp_path, made), max_pixels=23)
    assert image.outcome is not None
    assert 'max_image_pixels' in image.outcome.refusal


def test_an_error_that_the_image_did_not_cause_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(bag_image, 'raw_to_rgb', fail)
    (made,) = film('/a/image', [PICTURE])
    with pytest.raises(MemoryError):
        read(recorded(tmp_path, made))


@pytest.fixture(scope='module', params=['/a/image', '/a/image/compressed'])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a recorded image, raw or compressed."""
    (made,) = film(request.param, [PICTURE])
    return recorded(tmp_path_factory.mktemp('whole'), made)


@given(content=strategies.binary(max_size=80), start=strategies.integers(0, 100))
def test_a_message_with_any_bytes_is_an_image_or_is_refused(
    whole: RecordedMessage, content: bytes, start: int
) -> None:
    end = start + len(content)
    data = whole.data[:start] + content + whole.data[end:]
    for changed in (data, data[:start], content):
        image = read(RecordedMessage(whole.connection, whole.time, changed))
        assert (image.pixels is None) != (image.outcome is None)


def test_a_message_that_ends_early_is_refused(tmp_path: Path) -> None:
    (made,) = film('/a/image', [PICTURE])
    whole = recorded(tmp_path, made)
    half = RecordedMessage(whole.connection, whole.time, whole.data[:30])
    image = read(half)
    assert image.header is None
    assert image.outcome is not None
    assert image.outcome.refusal
