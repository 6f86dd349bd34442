"""Values and errors in messages."""

from posenet_ros.errors import PosenetError

_MAX_LENGTH = 60
_ELLIPSIS = '...'


def quoted(value: object) -> str:
    """
    Return a value as Python writes it, for a message, shortened to at most 60 characters.

    The middle of a long value is replaced by an ellipsis. Control characters are escaped, and so
    are bytes of file names that are not UTF-8, so the text can be printed anywhere.
    """
    if isinstance(value, str) and len(value) > 2 * _MAX_LENGTH:
        value = value[:_MAX_LENGTH] + value[-_MAX_LENGTH:]  # do not copy megabytes
    return shortened(repr(value))


def shortened(text: str) -> str:
    """Return a text, with its middle replaced by an ellipsis if it has over 60 characters."""
    if len(text) <= _MAX_LENGTH:
        return text
    kept = _MAX_LENGTH - len(_ELLIPSIS)
    end = kept // 3
    return text[: kept - end] + _ELLIPSIS + text[-end:]


def reason_of(error: BaseException) -> str:
    """Return one line about an error; its type is part of it unless the error is one of ours."""
    if isinstance(error, PosenetError):
        return str(error)
    text = shortened(' '.join(str(error).split()))
    return f'{type(error).__name__}: {text}' if text else type(error).__name__
