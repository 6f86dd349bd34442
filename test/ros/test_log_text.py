import pytest

from posenet_ros.ros.log_text import cut, reason_of, traceback_of


def raised(error: Exception, depth: int = 0) -> Exception:
    """Return an error with a traceback of that depth."""
    try:
        _descend(error, depth)
    except Exception as caught:
        return caught
    raise AssertionError


def _descend(error: Exception, depth: int) -> None:
    if depth == 0:
        raise error
    if depth % 2:  # Python abbreviates a line that is repeated
        _descend(error, depth - 1)
    else:
        _descend(error, depth - 1)


def test_a_short_text_is_not_changed() -> None:
    assert cut('x' * 500) == 'x' * 500


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = cut('begin' + 'x' * 1_000_000 + 'end')
    assert text.startswith('begin')
    assert text.endswith('end')
    assert len(text) < 520


@pytest.mark.parametrize(
    ('error', 'reason'),
    [(ValueError('broken'), 'broken'), (ValueError(), 'ValueError()'), (KeyError('a'), "'a'")],
)
def test_the_reason_is_the_message_of_an_exception_or_its_name(
    error: Exception, reason: str
) -> None:
    assert reason_of(error) == reason


def test_a_traceback_names_where_the_exception_was_raised() -> None:
    text = traceback_of(raised(ValueError('broken')))
    assert text.startswith('Traceback')
    assert 'in _descend' in text
    assert text.endswith('ValueError: broken')


def test_a_long_traceback_keeps_the_end_of_the_stack_and_the_message() -> None:
    text = traceback_of(raised(ValueError('broken ' + 'x' * 1_000_000), depth=100))
    assert len(text) < 3500
    assert '    raise error\n' in text
    assert 'ValueError: broken xxx' in text
