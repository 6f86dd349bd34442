"""The tables of docs/accuracy.md. Input: the measured figures. Output: Markdown."""

from collections.abc import Sequence
import datetime
from importlib.metadata import version
from pathlib import Path
import platform
import textwrap

from accuracy_figures import Figures, RowFigures
from accuracy_matches import HEIGHTS
from accuracy_rows import ALL_POSES
from precision_table import describe_cpu

from posenet_ros.inference.onnx_runtime import onnxruntime

#: The mark before the tables in the page; they end at the next end mark.
BEGIN = '<!-- written by make accuracy -->\n'
_END = '<!-- end -->\n'


def render_tables(figures: Figures) -> str:
    """Return the tables of all rows."""
    return '\n'.join([
        conditions(_data(figures)),
        _precisions(figures.rows),
        _counts(figures.rows, figures.pictures),
        _heights([one for one in figures.rows if one.row.by_height]),
    ])  # fmt: skip


def write_tables(tables: str, page: Path, *, begin_mark: str = BEGIN) -> None:
    """Write the tables between a mark in a page and the next end mark."""
    text = page.read_text()
    begin = text.index(begin_mark) + len(begin_mark)
    end = text.index(_END, begin)
    page.write_text(text[:begin] + tables + text[end:])


def conditions(text: str) -> str:
    """Return a paragraph that starts with a text, and says on what was measured, and when."""
    text += (
        f' {describe_cpu()}; Python {platform.python_version()}, NumPy {version("numpy")}, '
        f'ONNX Runtime {onnxruntime.__version__}; {datetime.date.today()}.'
    )
    return textwrap.fill(text, 99) + '\n'


def line(cells: Sequence[str]) -> str:
    """Return a row of a table."""
    return f'| {" | ".join(cells)} |'


def _data(figures: Figures) -> str:
    text = f'{figures.pictures} pictures of COCO val2017 with {figures.people} people.'
    if share := figures.share_of_estimated_areas:
        text += (
            f' In the copy of the annotations used here, the areas of {100 * share:.0f} % of the '
            'people are estimates, not those of their outlines, so AP is accurate to about one '
            'point.'
        )
    return text


def _precisions(rows: Sequence[RowFigures]) -> str:
    measures = ['AP', 'AP50', 'AP75', 'medium', 'large', 'AR', 'CPU time', 'relative']
    lines = [line(['row', 'settings', *measures])]
    lines.append('| --- | --- ' + '| ---: ' * len(measures) + '|')
    for one in rows:
        every = one.precision
        shares = (every.ap, every.ap50, every.ap75, every.medium, every.large, every.recall)
        cells = [f'{100 * share:.1f}' for share in shares]
        cells.append(f'{one.cpu_milliseconds:.1f} ms')
        cells.append(f'{one.cpu_milliseconds / rows[0].cpu_milliseconds:.2f}')
        lines.append(line([one.row.title, _settings(one), *cells]))
    return '\n'.join(lines) + '\n'


def _settings(one: RowFigures) -> str:
    changed = one.row.changed
    hidden = ALL_POSES if ALL_POSES.items() <= changed.items() else {}
    own = [f'{name}: {value}' for name, value in changed.items() if name not in hidden]
    return f'`{", ".join(own)}`' if own else 'defaults'


def _counts(rows: Sequence[RowFigures], pictures: int) -> str:
    lines = [line(['row', 'poses per picture', 'doubles', 'false poses'])]
    lines.append('| --- ' + '| ---: ' * 3 + '|')
    for one in rows:
        counts = (one.counts.poses, one.counts.doubles, one.counts.false)
        lines.append(line([one.row.title, *(f'{count / pictures:.2f}' for count in counts)]))
    return '\n'.join(lines) + '\n'


def _heights(rows: Sequence[RowFigures]) -> str:
    if not rows:
        return ''
    lines = [line(['height in the network input', *(one.row.title for one in rows)])]
    lines.append('| --- ' + '| ---: ' * len(rows) + '|')
    for index, low in enumerate(HEIGHTS):
        high = HEIGHTS[index + 1] if index + 1 < len(HEIGHTS) else None
        cells = [_found(one, index) for one in rows]
        lines.append(line([_name_bin(low, high), *cells]))
    return '\n'.join(lines) + '\n'


def _found(one: RowFigures, index: int) -> str:
    people, found, near = one.by_height[:, index].tolist()
    if not people:
        return '-'
    return f'{100 * found / people:.0f} % / {100 * near / people:.0f} % of {people}'


def _name_bin(low: int, high: int | None) -> str:
    if high is None:
        return f'{low} and more'
    return f'{low} to {high}' if low else f'under {high}'
