"""The progress bar of `posenet download`."""

import sys
from typing import Any

from posenet_ros.errors import MissingDependencyError


class ProgressBar:
    """A progress bar on standard error; shown after the first update, and only on a terminal."""

    def __init__(self, model: str) -> None:
        """Start the bar's label with the name of the model."""
        self._model = model
        self._item = ''
        self._bar: Any = None

    def __enter__(self) -> 'ProgressBar':
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def update(self, item: str, done: int, total: int) -> None:
        """
        Show the progress of an item, in any unit; a total of 0 means unknown.

        A new item starts a new bar. Raises MissingDependencyError if `tqdm` is not installed.
        """
        if item != self._item:
            self._close()
            bar_format = '{desc} {percentage:3.0f}%|{bar:30}|' if total else '{desc} ...'
            label = f'{self._model}: {item}'
            self._bar = new_bar(label, total=total or None, bar_format=bar_format)
            self._item = item
        self._bar.update(done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def new_bar(label: str, **options: Any) -> Any:
    """
    Return a bar of tqdm on standard error, which is shown only on a terminal.

    Raises MissingDependencyError if `tqdm` is not installed.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError(
            'the progress bar needs the Python package tqdm; run: pip install tqdm'
        ) from error
    return tqdm(desc=label, leave=False, disable=None, file=sys.stderr, **options)
