"""What the figures shall reach, each beside what was measured."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from traffic import FLOOD_OF_ONE

Results = Mapping[str, Any]

# A node that answers more of the images than this was not flooded.
_FLOODED = 0.8


@dataclass(frozen=True)
class Target:
    """A limit on one figure; `at_least` tells on which side of it is good."""

    part: str
    what: str
    limit: Callable[[Any], float]
    measured: Callable[[Any], float]
    unit: str = ''
    at_least: bool = False
    #: Whether the case was what the target speaks of; otherwise it is undecided.
    applies: Callable[[Any], bool] = lambda _: True

    def row(self, figures: Any) -> dict[str, Any]:
        """Return the target beside what was measured."""
        limit, measured = self.limit(figures), self.measured(figures)
        met = measured >= limit if self.at_least else measured <= limit
        return {
            'what': self.what,
            'limit': round(limit, 3),
            'measured': round(measured, 3),
            'unit': self.unit,
            'at_least': self.at_least,
            'met': met if self.applies(figures) else None,
        }


def judged(parts: Results) -> list[dict[str, Any]]:
    """Return all targets of what was measured: a short run has not every case."""
    rows = []
    for target in TARGETS:
        with suppress(KeyError):
            rows.append(target.row(parts[target.part]))
    return rows


def _usual(figures: Any) -> Any:
    return figures['640x480']['1']['30 Hz']


def _flood(figures: Any, cameras: str = '1') -> Any:
    return figures['640x480'][cameras]['flood']


def _floods(figures: Any, cameras: str = '1') -> bool:
    """Tell whether clearly more images were published than were answered."""
    share: float = _flood(figures, cameras)['node']['share']
    return share < _FLOODED


def _four_flood(figures: Any) -> bool:
    return _floods(figures, '4')


def _latency_limit(figures: Any) -> float:
    """Return transport floor + 1.3 x bare session run + 2 ms."""
    usual = _usual(figures)
    floor: float = usual['transport']['latency']['median']
    session: float = usual['session']['median']
    return floor + 1.3 * session + 2.0


def _worst_share(figures: Any) -> float:
    """Return how far the camera farthest from its share is from it, as a fraction."""
    rates = _flood(figures, '4')['node']['rate_by_camera']
    fair = sum(rates) / len(rates)
    return max(abs(rate - fair) for rate in rates) / fair if fair else 1.0


#: In the order of the page.
TARGETS = [
    Target(
        'stages',
        'image array to poses over the bare session run, 640x480',
        lambda _: 1.25,
        lambda figures: figures['640x480']['estimate_over_session'],
    ),
    Target(
        'decoding',
        'decoding 30 people, default settings, median',
        lambda _: 0.6,
        lambda figures: figures['default']['times']['30']['median'],
        'ms',
    ),
    Target(
        'decoding',
        'decoding 30 people over decoding one, default settings',
        lambda _: 1.3,
        lambda figures: figures['default']['growth'],
    ),
    Target(
        'decoding',
        'decoding 30 people, all found, median',
        lambda _: 0.6,
        lambda figures: figures['all']['times']['30']['median'],
        'ms',
    ),
    Target(
        'decoding',
        'decoding 30 people over decoding one, all found',
        lambda _: 1.3,
        lambda figures: figures['all']['growth'],
    ),
    Target(
        'node',
        'latency at 30 Hz, median (transport + 1.3 x bare session + 2 ms)',
        _latency_limit,
        lambda figures: _usual(figures)['node']['latency']['median'],
        'ms',
    ),
    Target(
        'node',
        'images answered at 30 Hz',
        lambda _: 0.99,
        lambda figures: _usual(figures)['node']['share'],
        at_least=True,
    ),
    Target(
        'node',
        'rate when flooded (0.9 x bare session on an idle machine)',
        lambda figures: 0.9 * _flood(figures)['session']['rate'],
        lambda figures: _flood(figures)['node']['rate'],
        'Hz',
        at_least=True,
        applies=_floods,
    ),
    Target(
        'node',
        'rate when flooded (0.9 x bare session while a plain subscriber takes the same images)',
        lambda figures: 0.9 * _flood(figures)['session_fed']['rate'],
        lambda figures: _flood(figures)['node']['rate'],
        'Hz',
        at_least=True,
        applies=_floods,
    ),
    Target(
        'node',
        'latency when flooded, median (2.2 x that at 30 Hz)',
        lambda figures: 2.2 * _usual(figures)['node']['latency']['median'],
        lambda figures: _flood(figures)['node']['latency']['median'],
        'ms',
        applies=_floods,
    ),
    Target(
        'node',
        'total rate of 4 flooding cameras (that of one, in turns; 2 % less for noise)',
        lambda figures: 0.98 * figures['640x480']['4'][FLOOD_OF_ONE]['node']['rate'],
        lambda figures: _flood(figures, '4')['node']['rate'],
        'Hz',
        at_least=True,
        applies=_four_flood,
    ),
    Target(
        'node',
        'farthest of 4 flooding cameras from its share',
        lambda _: 0.1,
        _worst_share,
        applies=_four_flood,
    ),
    Target(
        'start',
        'ready for images after the start, median',
        lambda _: 2.0,
        lambda figures: figures['ready']['median'],
        's',
    ),
    Target(
        'memory',
        'largest resident memory',
        lambda _: 300.0,
        lambda figures: figures['largest_mb'],
        'MB',
    ),
    Target(
        'memory',
        'resident memory, last tenth over first (at most 2 % more)',
        lambda _: 1.02,
        lambda figures: figures['last_tenth_mb'] / figures['first_tenth_mb'],
    ),
]
