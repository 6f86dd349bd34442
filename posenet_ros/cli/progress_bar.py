"""The progress bar of `posenet download`."""

import sys
from typing import Any

from posenet_ros.errors import MissingDependencyError


class ProgressBar:
    """A bar on a terminal for what is under way; appears only when there is something to do."""

    def __init__(self, model: str) -> None:
        """Take the name of what is downloaded."""
        self._model = model
        self._what = ''
        self._bar: Any = None

    def __enter__(self) -> 'ProgressBar':
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, what: str, done: int, total: int) -> None:
        """Show how far `what` is, in bytes or pieces; a total of 0 is not known."""
        if what != self._what:
            self.__exit__()
            shape = '{desc} {percentage:3.0f}%|{bar:30}|' if total else '{desc} ...'
            label = f'{self._model}: {what}'
            self._bar = _tqdm(label, total=total or None, bar_format=shape)
            self._what = what
        self._bar.update(done - self._bar.n)


def _tqdm(label: str, **options: Any) -> Any:
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError(
            'the download shows its progress with the Python package tqdm: pip install tqdm'
        ) from error
    return tqdm(desc=label, leave=False, disable=None, file=sys.stderr, **options)
