import pytest

from posenet_ros.ros.topics.sequence_numbers import SequenceNumbers


class Topic:
    """A topic with some publishers."""

    def __init__(self) -> None:
        self.publishers = 1
        self.numbers = SequenceNumbers(lambda: self.publishers)

    def take(self, *numbers: int | None) -> list[int | None]:
        return [self.numbers.missed(number) for number in numbers]


@pytest.fixture
def topic() -> Topic:
    return Topic()


def test_nothing_is_known_from_the_first_message(topic: Topic) -> None:
    assert topic.take(2000) == [None]


def test_messages_between_two_numbers_were_missed(topic: Topic) -> None:
    assert topic.take(5, 6, 9, 10) == [None, 0, 2, 0]


def test_nothing_is_known_without_sequence_numbers(topic: Topic) -> None:
    assert topic.take(None, None, 7, 9) == [None, None, None, 1]


def test_nothing_is_known_about_messages_before_a_publisher_restarts(topic: Topic) -> None:
    assert topic.take(500, 1, 3) == [None, None, 1]


def test_numbers_of_several_publishers_are_not_compared(topic: Topic) -> None:
    topic.publishers = 2
    assert topic.take(5, 2000, 7, 2003) == [None] * 4


def test_the_last_of_several_publishers_is_not_compared_with_one_that_has_left(
    topic: Topic,
) -> None:
    topic.publishers = 2
    topic.take(5, 6)
    topic.publishers = 1
    assert topic.take(2000, 2002) == [None, 1]
