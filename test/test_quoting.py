import pytest

from posenet_ros.errors import ImageError
from posenet_ros.quoting import quoted, reason_of, shortened


@pytest.mark.parametrize('value', ['', 'jpeg', "it's", 7, 0.5, None, ['a', 'b'], b'\0'])
def test_a_short_value_is_quoted_as_python_writes_it(value: object) -> None:
    assert quoted(value) == repr(value)


@pytest.mark.parametrize(
    'value', ['x' * 1_000_000, 'x' * 61, ['x'] * 1000, b'x' * 1000, '\0' * 59, 10**1000]
)
def test_a_long_value_is_shortened_with_an_ellipsis(value: object) -> None:
    assert len(quoted(value)) == 60
    assert quoted(value).count('.') == 3


def test_the_beginning_and_the_end_of_a_long_string_are_kept() -> None:
    assert quoted('/begin' + '/folder' * 100 + '/end.png').startswith("'/begin/folder/")
    assert quoted('/begin' + '/folder' * 100 + '/end.png').endswith("/folder/end.png'")


def test_a_string_of_60_characters_is_shortened_by_its_quotes_only() -> None:
    assert quoted('x' * 58) == repr('x' * 58)
    assert shortened('x' * 60) == 'x' * 60


def test_what_cannot_be_printed_is_escaped() -> None:
    assert quoted('a\nb\udcff\x1b[31m') == r"'a\nb\udcff\x1b[31m'"


@pytest.mark.parametrize(
    ('error', 'reason'),
    [
        (ImageError('a.png is empty'), 'a.png is empty'),
        (KeyError('a'), "KeyError: 'a'"),
        (ValueError('one\n  two'), 'ValueError: one two'),
    ],
)
def test_the_reason_of_an_error_is_one_line(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason
