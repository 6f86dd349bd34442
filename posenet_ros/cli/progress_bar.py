"""Progress bars on standard error."""

import sys
from typing import Any


class ProgressBar:
    """The bar of a download; shown after the first update, and only on a terminal."""

    def __init__(self, name: str) -> None:
        """Start the bar's label with the name of a model."""
        self._name = name
        self._item = ''
        self._bar: Any = None

    def __enter__(self) -> 'ProgressBar':
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def update(self, item: str, done: int, total: int) -> None:
        """
        Show the progress of an item, in any unit; a total of 0 means unknown.

        A new item starts a new bar.
        """
        if self._bar is None or item != self._item:
            self._close()
            bar_format = '{desc} {percentage:3.0f}%|{bar:30}|' if total else '{desc} ...'
            self._bar = new_bar(
                f'{self._name}: {item}', total=total or None, bar_format=bar_format
            )
            self._item = item
        self._bar.update(done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def new_bar(label: str, **options: Any) -> Any:
    """
    Return a bar of tqdm on standard error.

    If that is not a terminal, or `tqdm` is not installed, return one that shows nothing.
    """
    if not sys.stderr.isatty():
        return _NoBar()
    try:
        from tqdm import tqdm
    except ImportError:
        return _NoBar()
    return tqdm(desc=label, leave=False, file=sys.stderr, **options)


class _NoBar:
    """Has the part of tqdm's interface that commands use, and shows nothing."""

    n = 0
    initial = 0
    total: int | None = 0
    bar_format = ''

    def update(self, _: float = 1) -> None: ...

    def set_description_str(self, _: str) -> None: ...

    def clear(self) -> None: ...

    def refresh(self) -> None: ...

    def close(self) -> None: ...
