"""The tables of docs/tracking.md. Input: the measured figures. Output: Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import datetime
from importlib.metadata import version
from pathlib import Path
import platform
import textwrap

from precision_table import describe_cpu
from tracking_video import VideoFigures

_PAGE = Path(__file__).parent.parent / 'docs' / 'tracking.md'
_BEGIN, _END = '<!-- written by make tracking -->\n', '<!-- end -->\n'


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    #: IDF1, id switches and fragmentations by sequence and tracker.
    made: Mapping[str, Mapping[str, Mapping[str, float]]]
    videos: Sequence[VideoFigures]
    #: Milliseconds of tracking and smoothing by number of people.
    times: Mapping[int, tuple[float, float]]
    seeds: int


def write_page(figures: Figures) -> None:
    """Write the tables between the page's two marks."""
    text = '\n'.join([_made(figures), _videos(figures.videos), _times(figures.times), _machine()])
    page = _PAGE.read_text()
    begin, end = page.index(_BEGIN) + len(_BEGIN), page.index(_END)
    _PAGE.write_text(page[:begin] + text + page[end:])


def _made(figures: Figures) -> str:
    trackers = list(next(iter(figures.made.values())))
    lines = [
        f'Made sequences, means of {figures.seeds} runs: IDF1 / id switches / fragmentations.\n',
        _row(['sequence', *trackers]),
        '| --- ' * (1 + len(trackers)) + '|',
    ]
    for name, of_trackers in figures.made.items():
        cells = [
            f'{one["idf1"]:.3f} / {one["num_switches"]:.1f} / {one["num_fragmentations"]:.1f}'
            for one in of_trackers.values()
        ]
        lines.append(_row([name.replace('_', ' '), *cells]))
    return '\n'.join(lines) + '\n'


def _videos(videos: Sequence[VideoFigures]) -> str:
    if not videos:
        return ''
    lines = [
        'Videos, raw -> smoothed keypoints:\n',
        _row(['video', 'still person', 'from image to image', 'lag of a wrist']),
        '| --- ' * 4 + '|',
    ]
    for one in videos:
        cells = [f'{one.name}, {one.rate:.0f} Hz', _jitter(one.still)]
        cells.append(_jitter(one.moving) if one.moving else '-')
        cells.append('-' if one.lag is None else f'{one.lag:.0f} ms')
        lines.append(_row(cells))
    return '\n'.join(lines) + '\n'


def _jitter(deviations: tuple[float, float]) -> str:
    raw, smoothed = deviations
    return f'{raw:.2f} -> {smoothed:.2f} px ({smoothed / raw:.2f} x)'


def _times(times: Mapping[int, tuple[float, float]]) -> str:
    lines = [_row(['people', 'tracking', 'smoothing', 'both']), '| --- ' * 4 + '|']
    lines += [
        _row([str(count), *(f'{one:.2f} ms' for one in (*both, sum(both)))])
        for count, both in times.items()
    ]
    return '\n'.join(lines) + '\n'


def _machine() -> str:
    text = (
        f'{describe_cpu()}; Python {platform.python_version()}, NumPy {version("numpy")}, '
        f'motmetrics {version("motmetrics")}; {datetime.date.today()}.'
    )
    return textwrap.fill(text, 99) + '\n'


def _row(cells: Sequence[str]) -> str:
    return f'| {" | ".join(cells)} |'
