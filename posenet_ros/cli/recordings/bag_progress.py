"""The progress bar of `posenet bag`, for one or several bags."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from posenet_ros.cli.output import print_message
from posenet_ros.cli.progress_bar import new_bar
from posenet_ros.cli.signals import Interruption

_FORMAT = (
    '{desc} {percentage:3.0f}%|{bar:25}| {n_fmt}/{total_fmt} images, {rate_fmt}, {remaining} left'
)


class BagProgress:
    """
    Counts the images that are done, and shows them on a terminal, with their rate and time left.

    The number of images in a bag is not known before it is opened. Until then, it counts as that
    of the average bag.
    """

    def __init__(self, bags: int, interruption: Interruption) -> None:
        """Show the progress of this number of bags."""
        self._bags = bags
        self._interruption = interruption
        self._finished = 0
        self._done = 0
        # The number of images in each bag that was opened.
        self._images: dict[Path, int] = {}
        self._bar: Any = None

    def __enter__(self) -> 'BagProgress':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        """Return how far the conversion is."""
        total = sum(self._images.values())
        bags = f'{self._finished} of {self._bags} bags and ' if self._bags > 1 else ''
        known = f' of {total}' if len(self._images) == self._bags else ''
        return f'{bags}{self._done}{known} images are done'

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def begin(self, source: Path, images: int) -> None:
        """Note that a bag with this number of images is being converted."""
        self._images[source] = images
        if self._bar is None:
            self._bar = new_bar(
                self._label(),
                total=self._total(),
                bar_format=_FORMAT,
                unit=' img',
                # A mean of all images, without those that `advance` excludes.
                smoothing=0,
            )
        self._bar.total = self._total()
        self._bar.set_description_str(self._label())

    def advance(self, *, recalled: bool) -> None:
        """Note that one more image is done, which does not count in the rate if it is recalled."""
        self._done += 1
        if self._bar is not None:
            self._bar.initial += recalled
            self._bar.update()

    def finish(self, source: Path) -> None:
        """Note that a bag is done, or that it failed."""
        self._finished += 1
        self._images.setdefault(source, 0)

    def notice(self, line: str) -> None:
        """Print a line about what is unusual."""
        with self.hidden():
            print_message(line)

    def check(self) -> None:
        """Raise KeyboardInterrupt after a signal."""
        if self._interruption.exit_code is not None:
            raise KeyboardInterrupt

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide the bar while something is printed."""
        if self._bar is not None:
            self._bar.clear()
        yield
        if self._bar is not None:
            self._bar.refresh()

    def _label(self) -> str:
        if self._bags == 1:
            return next(iter(self._images)).name
        return f'bag {min(self._finished + 1, self._bags)} of {self._bags}'

    def _total(self) -> int:
        """Return the number of images in all bags, estimated for those not opened yet."""
        return round(sum(self._images.values()) * self._bags / len(self._images))
