"""Text for log lines and diagnostics, cut to a bounded length."""

import traceback

_MAX_LENGTH = 500
_MAX_STACK_LENGTH = 2500
_ELLIPSIS = ' ... '


def cut(text: str) -> str:
    """Return a text; if it has over 500 characters, its beginning and its end."""
    return _cut(text, beginning=_MAX_LENGTH * 3 // 4, end=_MAX_LENGTH // 4)


def reason_of(error: BaseException) -> str:
    """Return the message of an exception, cut; without a message, how Python writes it."""
    return cut(str(error) or repr(error))


def traceback_of(error: BaseException) -> str:
    """Return the traceback of an exception; if it is long, the end of the stack is kept."""
    stack = ''.join(traceback.format_tb(error.__traceback__))
    stack = _cut(stack, beginning=0, end=_MAX_STACK_LENGTH)
    return f'Traceback (most recent call last):\n{stack}{type(error).__name__}: {cut(str(error))}'


def _cut(text: str, *, beginning: int, end: int) -> str:
    if len(text) <= beginning + end:
        return text
    return text[:beginning] + _ELLIPSIS + text[-end:]
