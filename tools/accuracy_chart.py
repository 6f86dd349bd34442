"""The chart docs/accuracy.svg: accuracy against time. Input: the figures of all rows."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
import math
from pathlib import Path
from typing import Any

from accuracy_figures import pareto_front, RowFigures
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from matplotlib.transforms import Bbox

# From Okabe and Ito's palette, which colour-blind people can distinguish.
_COLOURS = {'whole_image': '#0072B2', 'closer_look': '#D55E00'}
_MARKERS = {'mobilenet_v1_050': '^', 'mobilenet_v1_075': 'o', 'mobilenet_v1_100': 's'}
_DEFAULT_MODEL = 'mobilenet_v1_075'
_FRONT_COLOUR, _TEXT_COLOUR = '#999999', '#333333'
# Distances of a label from its point, and directions to try, in points and degrees.
_DISTANCES = (8, 14, 22, 32, 44)
_DIRECTIONS = (180, 0, 135, -45, 90, -90, 45, -135)
# A label farther away than this is connected with its point by a line.
_CONNECTED = 8


def draw_chart(rows: Sequence[RowFigures], path: Path) -> None:
    """Write the chart to an SVG or PNG file."""
    # A fixed salt and no date make the file reproducible.
    with rc_context({'svg.hashsalt': 'posenet_ros', 'font.size': 10}):
        figure = Figure(figsize=(9, 5.6))
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        _draw_axes(axes, rows)
        _draw_points(axes, rows)
        axes.legend(handles=list(_legend(rows)), fontsize=9, loc='lower right', frameon=False)
        figure.tight_layout()
        _draw_labels(axes, rows)
        metadata = {'Date': None} if path.suffix == '.svg' else None
        figure.savefig(path, metadata=metadata, facecolor='white', dpi=150)


def _draw_axes(axes: Any, rows: Sequence[RowFigures]) -> None:
    times = [one.cpu_milliseconds for one in rows]
    low, high = 0.72 * min(times), 1.35 * max(times)
    ticks = [
        digit * 10**power
        for power in range(-1, math.ceil(math.log10(high)) + 1)
        for digit in (1, 2, 3, 5, 7)
    ]
    axes.set_xscale('log')
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f'{tick:g}'))
    axes.set_ylim(0, 1.12 * max(100 * one.precision.ap for one in rows))
    axes.set_xlabel('mean CPU time per image in ms, logarithmic')
    axes.set_ylabel('average precision (AP) in %')
    axes.grid(color='#E6E6E6', linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ('top', 'right'):
        axes.spines[side].set_visible(False)


def _draw_points(axes: Any, rows: Sequence[RowFigures]) -> None:
    axes.plot(*zip(*_front(axes, rows), strict=True), color=_FRONT_COLOUR, linewidth=1.2)
    for one in rows:
        axes.plot(
            *_position(one),
            marker=_MARKERS[_model(one)],
            color=_COLOURS[one.row.attention],
            markersize=7,
            markeredgecolor='white',
            markeredgewidth=0.8,
            linestyle='',
        )


def _front(axes: Any, rows: Sequence[RowFigures]) -> list[tuple[float, float]]:
    """Return the corners of the steps from each row of the Pareto front to the next."""
    front = [_position(one) for one in pareto_front(rows)]
    ends = [*(time for time, _ in front[1:]), axes.get_xlim()[1]]
    return [
        corner
        for (time, precision), end in zip(front, ends, strict=True)
        for corner in ((time, precision), (end, precision))
    ]


def _legend(rows: Sequence[RowFigures]) -> Iterator[Any]:
    for attention, colour in _COLOURS.items():
        if any(one.row.attention == attention for one in rows):
            yield Line2D([], [], color=colour, linewidth=5, label=attention)
    for model, marker in _MARKERS.items():
        if any(_model(one) == model for one in rows):
            yield Line2D([], [], color=_TEXT_COLOUR, marker=marker, linestyle='', label=model)
    yield Line2D([], [], color=_FRONT_COLOUR, label='the best AP for a CPU time')


def _draw_labels(axes: Any, rows: Sequence[RowFigures]) -> None:
    """Label each point where the label hides no point, no line and no other label."""
    taken = [
        *(Bbox(axes.transData.transform([_position(one)] * 2)).padded(6) for one in rows),
        *(Bbox(axes.transData.transform(ends)).padded(1) for ends in pairwise(_front(axes, rows))),
        axes.get_legend().get_window_extent(),
    ]
    for one in sorted(rows, key=lambda one: one.cpu_milliseconds):
        for offset, distance in _offsets():
            label = _annotate(axes, one, offset, distance)
            extent = _text_extent(label)
            if axes.bbox.containsx(extent.x0) and not extent.count_overlaps(taken):
                break
            label.remove()
        else:
            extent = _text_extent(_annotate(axes, one, (_DISTANCES[0], 0), _DISTANCES[0]))
        taken.append(extent)


def _offsets() -> Iterator[tuple[tuple[float, float], int]]:
    for distance in _DISTANCES:
        for degrees in _DIRECTIONS:
            angle = math.radians(degrees)
            yield (distance * math.cos(angle), distance * math.sin(angle)), distance


def _annotate(axes: Any, one: RowFigures, offset: tuple[float, float], distance: int) -> Any:
    x, y = offset
    line = {'arrowstyle': '-', 'color': _FRONT_COLOUR, 'linewidth': 0.6, 'shrinkB': 4}
    return axes.annotate(
        one.row.title,
        _position(one),
        xytext=offset,
        textcoords='offset points',
        ha='center' if abs(x) < 1 else 'left' if x > 0 else 'right',
        va='center' if abs(y) < 1 else 'bottom' if y > 0 else 'top',
        fontsize=9,
        color=_TEXT_COLOUR,
        arrowprops=line if distance > _CONNECTED else None,
    )


def _text_extent(label: Any) -> Any:
    """Return the box of an annotation's text in pixels, without its line."""
    label.update_positions(label.figure.canvas.get_renderer())
    return Text.get_window_extent(label)


def _position(one: RowFigures) -> tuple[float, float]:
    return one.cpu_milliseconds, 100 * one.precision.ap


def _model(one: RowFigures) -> str:
    return str(one.row.changed.get('model', _DEFAULT_MODEL))
