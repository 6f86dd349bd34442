"""
The targets that the figures must meet.

Input: the figures by part. Output: each target's limit, the measured figure, and whether it is
met.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from parts.traffic import FLOOD_OF_ONE

Results = Mapping[str, Any]

# If a node processed a larger share of the images than this, it was not flooded.
_FLOODED = 0.8


@dataclass(frozen=True)
class Target:
    """A limit on one figure: a maximum, or a minimum if `at_least`."""

    part: str
    what: str
    limit: Callable[[Any], float]
    measured: Callable[[Any], float]
    unit: str = ''
    at_least: bool = False
    #: Whether the figures can decide the target; if not, it is undecided.
    applies: Callable[[Any], bool] = lambda _: True

    def row(self, figures: Any) -> dict[str, Any]:
        """Return the target's limit, the measured figure, and whether it is met (or None)."""
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


def evaluate_targets(parts: Results) -> list[dict[str, Any]]:
    """Return the rows of all targets whose figures were measured."""
    rows = []
    for target in TARGETS:
        with suppress(KeyError, TypeError):  # TypeError if nothing arrived
            rows.append(target.row(parts[target.part]))
    return rows


def _usual(figures: Any) -> Any:
    return figures['640x480']['1']['30 Hz']


def _flood(figures: Any, cameras: str = '1') -> Any:
    return figures['640x480'][cameras]['flood']


def _is_flooded(figures: Any, cameras: str = '1') -> bool:
    """Return whether clearly more images were published than were processed."""
    share: float = _flood(figures, cameras)['node']['share']
    return share < _FLOODED


def _is_flooded_by_four(figures: Any) -> bool:
    return _is_flooded(figures, '4')


def _latency_limit(figures: Any) -> float:
    """Return transport floor + 1.3 x bare session run + 2 ms."""
    usual = _usual(figures)
    floor: float = usual['transport']['latency']['median']
    session: float = usual['session']['median']
    return floor + 1.3 * session + 2.0


def _largest_deviation(figures: Any) -> float:
    """Return the largest deviation of a camera's rate from the mean rate, as a fraction of it."""
    rates = _flood(figures, '4')['node']['rate_by_camera']
    fair = sum(rates) / len(rates)
    return max(abs(rate - fair) for rate in rates) / fair if fair else 1.0


#: In the order of the page.
TARGETS = [
    Target(
        'stages',
        'image array to poses / bare run, 640x480',
        lambda _: 1.2,
        lambda figures: figures['640x480']['estimate_over_session'],
    ),
    Target(
        'stages',
        'image array to poses / bare run, 1920x1080',
        lambda _: 1.5,
        lambda figures: figures['1920x1080']['estimate_over_session'],
    ),
    Target(
        'decoding',
        'decoding 30 people, at most 5 found, median',
        lambda _: 0.6,
        lambda figures: figures['default']['times']['30']['median'],
        'ms',
    ),
    Target(
        'decoding',
        'decoding 30 people / decoding one, at most 5 found',
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
        'decoding 30 people / decoding one, all found',
        lambda _: 1.3,
        lambda figures: figures['all']['growth'],
    ),
    Target(
        'recordings',
        'rate of posenet bag / posenet estimate, same images',
        lambda _: 0.9,
        lambda figures: figures['rate_ratio'],
        at_least=True,
    ),
    Target(
        'node',
        'latency at 30 Hz, median (limit: transport + 1.3 x bare run + 2 ms)',
        _latency_limit,
        lambda figures: _usual(figures)['node']['latency']['median'],
        'ms',
    ),
    Target(
        'node',
        'share of images processed at 30 Hz',
        lambda _: 0.99,
        lambda figures: _usual(figures)['node']['share'],
        at_least=True,
    ),
    Target(
        'node',
        'rate when flooded (limit: 0.9 x bare run, nothing published)',
        lambda figures: 0.9 * _flood(figures)['session']['rate'],
        lambda figures: _flood(figures)['node']['rate'],
        'Hz',
        at_least=True,
        applies=_is_flooded,
    ),
    Target(
        'node',
        'rate when flooded (limit: 0.9 x bare run beside the same images)',
        lambda figures: 0.9 * _flood(figures)['session_fed']['rate'],
        lambda figures: _flood(figures)['node']['rate'],
        'Hz',
        at_least=True,
        applies=_is_flooded,
    ),
    Target(
        'node',
        'latency when flooded, median (limit: 2.2 x latency at 30 Hz)',
        lambda figures: 2.2 * _usual(figures)['node']['latency']['median'],
        lambda figures: _flood(figures)['node']['latency']['median'],
        'ms',
        applies=_is_flooded,
    ),
    Target(
        'node',
        'total rate of 4 flooding cameras (limit: 0.98 x rate of one of them)',
        lambda figures: 0.98 * figures['640x480']['4'][FLOOD_OF_ONE]['node']['rate'],
        lambda figures: _flood(figures, '4')['node']['rate'],
        'Hz',
        at_least=True,
        applies=_is_flooded_by_four,
    ),
    Target(
        'node',
        'largest deviation of a camera from the mean rate, 4 flooding',
        lambda _: 0.1,
        _largest_deviation,
        applies=_is_flooded_by_four,
    ),
    Target(
        'depth',
        'latency with depth / without, at 30 Hz',
        lambda _: 1.03,
        lambda figures: figures['latency_ratio'],
    ),
    Target(
        'depth',
        'poses_3d after poses, median',
        lambda _: 3.0,
        lambda figures: figures['poses_3d_after_poses']['median'],
        'ms',
    ),
    Target(
        'depth',
        'share of images with positions',
        lambda _: 0.99,
        lambda figures: figures['located'],
        at_least=True,
    ),
    Target(
        'start',
        'start to ready for images, median',
        lambda _: 2.0,
        lambda figures: figures['ready']['median'],
        's',
    ),
    Target(
        'memory',
        'maximum resident memory',
        lambda _: 300.0,
        lambda figures: figures['largest_mb'],
        'MB',
    ),
    Target(
        'memory',
        'resident memory, last tenth / first tenth of the run',
        lambda _: 1.02,
        lambda figures: figures['last_tenth_mb'] / figures['first_tenth_mb'],
    ),
]
