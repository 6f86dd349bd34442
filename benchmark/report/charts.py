"""
The charts in docs/.

Input: the results of a whole run. Output: two SVG files.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from parts.stages import STAGES

Results = Mapping[str, Any]

# Okabe and Ito's palette, which colour-blind people can distinguish.
_COLOURS = ['#0072B2', '#56B4E9', '#009E73', '#F0E442', '#E69F00', '#D55E00', '#CC79A7']
_GREY = '#999999'


def draw_charts(results: Results, folder: Path) -> list[Path]:
    """Write benchmark_latency.svg and benchmark_growth.svg into a folder; return their paths."""
    paths = []
    for name, draw in {'latency': _latency, 'growth': _growth}.items():
        path = folder / f'benchmark_{name}.svg'
        # A fixed salt and no date make the file reproducible.
        with rc_context({'svg.hashsalt': 'posenet_ros', 'font.size': 10}):
            figure = draw(results['parts'])
            figure.savefig(path, metadata={'Date': None}, bbox_inches='tight', facecolor='white')
        paths.append(path)
    return paths


def _latency(parts: Results) -> Any:
    """Draw the stages of one image beside the bare run, and the node's latency."""
    figure = Figure(figsize=(10, 3.4))
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    times = parts['stages']['640x480']['times']
    left.barh('bare run', times['session']['median'], color=_GREY)
    start = 0.0
    for colour, (stage, text) in zip(_COLOURS, STAGES.items(), strict=False):
        median = times[stage]['median']
        left.barh('stages', median, left=start, color=colour, label=f'{text}: {median:.2f}')
        start += median
    left.set_xlabel('median, ms')
    left.set_title('Stages of one 640x480 image')
    left.legend(fontsize=8, loc='upper center', bbox_to_anchor=(0.45, -0.22), ncols=2)
    _node_latency(right, parts['node']['640x480']['1']['30 Hz'])
    return figure


def _node_latency(axes: Any, row: Results) -> None:
    transport, session = row['transport']['latency']['median'], row['session']['median']
    latency = row['node']['latency']['median']
    axes.bar('lower bound', transport, color=_COLOURS[0], label='image transport')
    axes.bar('lower bound', session, bottom=transport, color=_GREY, label='bare run')
    axes.bar('node', latency, color=_COLOURS[2], label='stamp to poses received')
    limit = transport + 1.3 * session + 2.0
    axes.axhline(limit, color='black', linestyle='--', linewidth=1, label='target')
    axes.set_ylabel('median, ms')
    axes.set_ylim(0, 1.15 * max(limit, latency))
    axes.set_title('Node over DDS, 30 Hz')
    axes.legend(fontsize=8, loc='upper center', bbox_to_anchor=(0.5, -0.1), ncols=2)


def _growth(parts: Results) -> Any:
    """Draw decoding time by number of people, and the node's rate by number of cameras."""
    figure = Figure(figsize=(10, 3.6))
    left, right = figure.subplots(1, 2)
    for colour, figures in zip(_COLOURS, parts['decoding'].values(), strict=False):
        people = [int(number) for number in figures['times']]
        medians = [row['median'] for row in figures['times'].values()]
        label = f'at most {figures["max_pose_detections"]} found'
        left.plot(people, medians, marker='o', color=colour, label=label)
    left.set_xlabel('people in view')
    left.set_ylabel('decoding, median, ms')
    left.set_ylim(bottom=0)
    left.set_title('Decoding')
    left.legend(fontsize=8)
    _rates(right, parts['node'])
    figure.tight_layout()
    return figure


def _rates(axes: Any, figures: Results) -> None:
    """Draw the flooded node's rate by cameras, and the bare run's beside the same images."""
    lines = {'node': ('node, all cameras', 'o', '-'), 'session_fed': ('bare run', 'x', '--')}
    for colour, (size, by_cameras) in zip(_COLOURS, figures.items(), strict=False):
        for name, (text, marker, style) in lines.items():
            axes.plot(
                list(by_cameras),
                [by_load['flood'][name]['rate'] for by_load in by_cameras.values()],
                marker=marker,
                linestyle=style,
                color=colour,
                label=f'{size}: {text}',
            )
    axes.set_xlabel('flooding cameras')
    axes.set_ylabel('images processed per second')
    axes.set_ylim(bottom=0)
    axes.set_title('Flooded node, and bare run beside the same images')
    axes.legend(fontsize=8)
