"""The tables of docs/spatial.md. Input: the measured figures. Output: Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import datetime
from importlib.metadata import version
from pathlib import Path
import platform
import textwrap

import numpy as np
from numpy.typing import NDArray
from precision_table import describe_cpu
from spatial_time import Times

from posenet_ros.keypoints import PART_NAMES

Array = NDArray[np.float64]

_PAGE = Path(__file__).parent.parent / 'docs' / 'spatial.md'
_BEGIN, _END = '<!-- written by make spatial -->\n', '<!-- end -->\n'
#: A keypoint that is this many metres behind the joint is on the background.
BEHIND = 0.3
# The distance at which all scenes are in a table.
_SCENE_DISTANCE = 2.0


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of keypoints in some scenes; NaN where the position is not known."""

    #: Distance from the joint in metres, float64 [people, 17].
    distances: Array
    #: How far behind the joint in metres, float64 [people, 17].
    behind: Array
    #: Which joints the camera sees, bool [people, 17].
    visible: NDArray[np.bool_]
    #: Of the bodies of people whose trunk is visible, in metres, float64 [N].
    bodies: Array

    @staticmethod
    def joined(errors: Iterable['Errors']) -> 'Errors':
        """Return the errors of several scenes together."""
        given = list(errors)
        return Errors(
            np.concatenate([one.distances for one in given]),
            np.concatenate([one.behind for one in given]),
            np.concatenate([one.visible for one in given]),
            np.concatenate([one.bodies for one in given]),
        )

    def only(self, parts: Sequence[int]) -> 'Errors':
        """Return the errors of some parts."""
        chosen = list(parts)
        return Errors(
            self.distances[:, chosen], self.behind[:, chosen], self.visible[:, chosen], self.bodies
        )

    def accuracy(self) -> str:
        """Return the median and the 95th percentile of visible keypoints in millimetres."""
        return _percentiles(self.distances[self.visible])

    def known(self) -> str:
        """Return the share of visible keypoints whose position is known."""
        return _percent(float(np.isfinite(self.distances[self.visible]).mean()))

    def on_background(self) -> str:
        """Return the share of known keypoints that are on the background."""
        known = np.isfinite(self.behind)
        return _percent(float((self.behind[known] > BEHIND).mean()), digits=2)

    def wrong(self) -> str:
        """Return the share of known keypoints that are far from the joint, in any direction."""
        known = np.isfinite(self.distances)
        return _percent(float((self.distances[known] > BEHIND).mean()), digits=1)


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    #: Errors by method, distance in metres, and scene. The first method is ours.
    errors: Mapping[str, Mapping[float, Mapping[str, Errors]]]
    #: Visible keypoints of people with holes, those known, and those wrong because of the holes.
    holes: tuple[int, int, int]
    #: Deviations of a still person by distance, raw and smoothed, in metres.
    still: Mapping[float, tuple[float, float]]
    #: Errors of people on the ground in metres, by distance.
    ground: Mapping[float, Array]
    #: Milliseconds by number of people.
    times: Mapping[int, Times]
    seeds: int


def write_page(figures: Figures) -> None:
    """Write the tables between the page's two marks."""
    tables = (_methods, _parts, _scenes, _holes, _still, _ground, _times)
    text = '\n'.join([*(table(figures) for table in tables), _machine(figures.seeds)])
    page = _PAGE.read_text()
    begin, end = page.index(_BEGIN) + len(_BEGIN), page.index(_END)
    _PAGE.write_text(page[:begin] + text + page[end:])


def _methods(figures: Figures) -> str:
    heads = ['distance', 'method', 'error of visible keypoints', 'known', 'on the background']
    rows = []
    for distance in next(iter(figures.errors.values())):
        for method, by_distance in figures.errors.items():
            errors = Errors.joined(by_distance[distance].values())
            cells = [f'{distance:g} m', method, errors.accuracy(), errors.known()]
            cells += [errors.on_background(), errors.wrong(), _percentiles(errors.bodies)]
            rows.append(cells)
    return _table([*heads, 'over 0.3 m wrong', 'error of the body'], rows)


def _parts(figures: Figures) -> str:
    ours = next(iter(figures.errors.values()))
    together = {distance: Errors.joined(one.values()) for distance, one in ours.items()}
    kinds = dict.fromkeys(name.split('_')[-1] for name in PART_NAMES)
    rows = []
    for kind in kinds:
        parts = [i for i, name in enumerate(PART_NAMES) if name.endswith(kind)]
        of_kind = [errors.only(parts) for errors in together.values()]
        rows.append([kind, *(f'{one.accuracy()}, {one.known()}' for one in of_kind)])
    return _table(['part', *(f'{distance:g} m' for distance in together)], rows)


def _scenes(figures: Figures) -> str:
    methods = list(figures.errors)
    by_method = [figures.errors[method][_SCENE_DISTANCE] for method in methods]
    rows = [
        [name, *(f'{one[name].accuracy()}, {one[name].on_background()}' for one in by_method)]
        for name in by_method[0]
    ]
    return _table([f'scene at {_SCENE_DISTANCE:g} m', *methods], rows)


def _holes(figures: Figures) -> str:
    visible, known, wrong = figures.holes
    heads = ['with holes at 2 m', 'known', 'wrong because of a hole']
    return _table(heads, [[f'{visible} visible keypoints', f'{known}', f'{wrong}']])


def _still(figures: Figures) -> str:
    rows = [
        [f'{distance:g} m', f'{1000 * raw:.0f} mm', f'{1000 * smooth:.0f} mm']
        for distance, (raw, smooth) in figures.still.items()
    ]
    return _table(['still person at', 'positions', 'smoothed'], rows)


def _ground(figures: Figures) -> str:
    rows = [
        [f'{distance:g} m', _percentiles(errors), _percent(float(np.isfinite(errors).mean()))]
        for distance, errors in figures.ground.items()
    ]
    return _table(['on the ground, without depth', 'error', 'known'], rows)


def _times(figures: Figures) -> str:
    rows = [
        [str(count), *(f'{time:.2f} ms' for time in (*times, sum(times)))]
        for count, times in figures.times.items()
    ]
    return _table(['people', 'locate', 'smooth', 'convert to a message', 'all'], rows)


def _machine(seeds: int) -> str:
    text = (
        f'{seeds} runs of each scene. {describe_cpu()}; Python {platform.python_version()}, '
        f'NumPy {version("numpy")}; {datetime.date.today()}.'
    )
    return textwrap.fill(text, 99) + '\n'


def _percentiles(distances: Array) -> str:
    known = 1000 * distances[np.isfinite(distances)]
    if not len(known):
        return '-'
    return f'{np.median(known):.0f} / {np.percentile(known, 95):.0f} mm'


def _percent(share: float, *, digits: int = 1) -> str:
    return f'{100 * share:.{digits}f} %'


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ['---'] * len(heads), *rows]
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in lines) + '\n'
