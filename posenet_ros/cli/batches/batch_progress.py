"""The progress of one or several recordings or videos, as a bar and in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posenet_ros.cli.output import print_message
from posenet_ros.cli.progress_bar import new_bar
from posenet_ros.cli.signals import Interruption


@dataclass(frozen=True)
class Nouns:
    """What a batch consists of."""

    #: Such as `bags`.
    sources: str
    #: What is in a source, such as `images`.
    images: str
    #: Whether a source that was interrupted continues where it stopped, and not from its start.
    continue_later: bool

    @property
    def source(self) -> str:
        """Return the singular of `sources`."""
        return self.sources.removesuffix('s')

    def counted(self, count: int) -> str:
        """Return a number of sources with its noun."""
        return f'{count} {self.source if count == 1 else self.sources}'


BAGS = Nouns('bags', 'images', continue_later=True)
VIDEOS = Nouns('videos', 'frames', continue_later=False)


class BatchProgress:
    """
    Counts the images that are done, and shows them on a terminal, with their rate and time left.

    The number of images in a source is not known before it is opened. Until then, it counts as
    that of the average source.
    """

    def __init__(
        self, sources: int, nouns: Nouns, interruption: Interruption, *, has_bar: bool = True
    ) -> None:
        """Show the progress of this number of sources, as a bar only if `has_bar`."""
        self._sources = sources
        self._nouns = nouns
        self._interruption = interruption
        self._has_bar = has_bar
        self._finished = 0
        self._failed = 0
        self._done = 0
        # The number of images in each source that was opened.
        self._images: dict[Path, int] = {}
        self._bar: Any = None

    def __enter__(self) -> 'BatchProgress':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        """Return how far the batch is."""
        total = sum(self._images.values())
        nouns = self._nouns
        sources = ''
        if self._sources > 1:
            sources = f'{self._finished} of {self._sources} {nouns.sources} and '
        known = f' of {total}' if len(self._images) == self._sources else ''
        return f'{sources}{self._done}{known} {nouns.images} are done'

    def describe_stop(self) -> str:
        """Return how far an interrupted batch came, and what the same command does next."""
        nouns = self._nouns
        if nouns.continue_later:
            return f'{self}; to continue, run the same command again'
        again = 'starts again from its first frame'
        if self._sources == 1:
            return f'the {nouns.source} is not complete; the same command {again}'
        complete = self._finished - self._failed
        failed = f', {self._failed} failed' if self._failed else ''
        return (
            f'{complete} of {self._sources} {nouns.sources} are complete{failed}; to process the '
            f'rest, run the same command again: a {nouns.source} that was in progress {again}'
        )

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def begin(self, source: Path, images: int) -> None:
        """Note that a source with about this number of images is being processed; 0: unknown."""
        self._images[source] = images
        if not self._has_bar:
            return
        if self._bar is None:
            # The rate is a mean of all images, without those that `advance` excludes.
            self._bar = new_bar(self._label(), unit=f' {self._nouns.images}', smoothing=0)
        self._bar.bar_format = self._format()
        self._bar.total = self._total()
        self._bar.set_description_str(self._label())

    def advance(self, *, recalled: bool = False) -> None:
        """Note that one more image is done, which does not count in the rate if it is recalled."""
        self._done += 1
        if self._bar is not None:
            self._bar.initial += recalled
            self._bar.total = self._total()
            self._bar.update()

    def finish(self, source: Path, *, failed: bool = False) -> None:
        """Note that a source is done, or that it failed."""
        self._finished += 1
        self._failed += failed
        self._images.setdefault(source, 0)

    def notice(self, line: str) -> None:
        """Print a line about what is unusual."""
        with self.hidden():
            print_message(line)

    def check(self) -> None:
        """Raise KeyboardInterrupt after a signal."""
        self._interruption.check()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide the bar while something is printed."""
        if self._bar is not None:
            self._bar.clear()
        yield
        if self._bar is not None:
            self._bar.refresh()

    def _label(self) -> str:
        if self._sources == 1:
            return next(iter(self._images)).name
        number = min(self._finished + 1, self._sources)
        return f'{self._nouns.source} {number} of {self._sources}'

    def _total(self) -> int | None:
        """Return the number of images in all sources, estimated for those not opened yet."""
        estimate = round(sum(self._images.values()) * self._sources / len(self._images))
        return max(estimate, self._done) if estimate else None

    def _format(self) -> str:
        """Return the format of the bar, in the language of tqdm."""
        count = f'{self._nouns.images}, {{rate_noinv_fmt}}'
        if self._total() is None:
            return f'{{desc}} {{n_fmt}} {count}'
        return (
            f'{{desc}} {{percentage:3.0f}}%|{{bar:25}}| {{n_fmt}}/{{total_fmt}} {count}, '
            '{remaining} left'
        )
