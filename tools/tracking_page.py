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


#: Metrics by sequence and tracker.
Scenes = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    #: IDF1, id switches and fragmentations by minimum score, sequence and tracker. The first
    #: tracker is ours.
    made: Mapping[float, Scenes]
    videos: Sequence[VideoFigures]
    #: Milliseconds of tracking and smoothing by number of people.
    times: Mapping[int, tuple[float, float]]
    seeds: int


def write_page(figures: Figures) -> None:
    """Write the tables between the page's two marks."""
    made = [_made(scenes, score, figures.seeds) for score, scenes in figures.made.items()]
    text = '\n'.join([*made, _videos(figures.videos), _times(figures.times), _machine()])
    page = _PAGE.read_text()
    begin, end = page.index(_BEGIN) + len(_BEGIN), page.index(_END)
    _PAGE.write_text(page[:begin] + text + page[end:])


def _made(scenes: Scenes, min_score: float, seeds: int) -> str:
    trackers = list(next(iter(scenes.values())))
    poses = f'poses with a score of at least {min_score}' if min_score else 'all poses'
    lines = [
        f'Synthetic sequences, {poses}, means of {seeds} runs:\n'
        'IDF1 / id switches / fragmentations.\n',
        _row(['sequence', *trackers]),
        '| --- ' * (1 + len(trackers)) + '|',
    ]
    for name, of_trackers in scenes.items():
        cells = [
            f'{one["idf1"]:.3f} / {one["num_switches"]:.1f} / {one["num_fragmentations"]:.1f}'
            for one in of_trackers.values()
        ]
        lines.append(_row([name.replace('_', ' '), *cells]))
    return '\n'.join([*lines, '', _better(scenes)]) + '\n'


def _better(scenes: Scenes) -> str:
    """Return a sentence on the sequences where another tracker has a higher IDF1 than ours."""
    ours, *others = next(iter(scenes.values()))
    sentences = []
    for other in others:
        names = [
            name.replace('_', ' ')
            for name, of_trackers in scenes.items()
            if of_trackers[other]['idf1'] > of_trackers[ours]['idf1']
        ]
        where = ', '.join(names) or 'no sequence'
        sentences.append(f'By IDF1, {other} is better than {ours} on {where}.')
    return textwrap.fill(' '.join(sentences), 99)


def _videos(videos: Sequence[VideoFigures]) -> str:
    if not videos:
        return ''
    lines = [
        'Videos, raw -> smoothed keypoints:\n',
        _row(['video', 'still person', 'from image to image', 'lag of a wrist: median, largest']),
        '| --- ' * 4 + '|',
    ]
    for one in videos:
        cells = [f'{one.name}, {one.rate:.0f} Hz', _jitter(one.still)]
        cells.append(_jitter(one.moving) if one.moving else '-')
        cells.append('{:.0f}, {:.0f} ms'.format(*one.lag) if one.lag else '-')
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
