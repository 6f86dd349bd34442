"""
The page docs/benchmark.md.

Input: the results of a run, whole or partial. Output: the page, in Markdown. A `note` that was
added to the results by hand, such as that they are out of date, comes first; a new run has none.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from machine import BUSY_LOAD_PER_CORE
from report.library_tables import (
    render_decoding,
    render_recordings,
    render_stages,
    render_sweeps,
)
from report.node_tables import (
    render_attention,
    render_depth,
    render_memory,
    render_node,
    render_start,
)
from report.tables import format_table
from report.targets import evaluate_targets

Results = Mapping[str, Any]

_HEAD = """\
# Benchmark
{note}
`make bench` measures the speed and writes this page. A time is the median, with the 95th
percentile in brackets. Times are valid for the machine below; ratios are more similar across
machines. Calls that are compared take turns in one run, so that other load on the machine affects
all of them alike.

| | |
| --- | --- |
| machine | {cpu}, {cores} cores, {memory_mb} MB, Linux {kernel} |
| versions | {versions} |
| settings | {settings} |
| load average before each part | {load} |

*Bare run*: ONNX Runtime's `session.run` on the network's own session, with its inputs ready: the
pixels around each sample. It takes the same time for every image size.

`make bench AGAINST=DIR` compares this checkout with another one. A whole run starts only if the
machine is quiet (load average below {busy_load} per core); otherwise `benchmark/run.py` measures
nothing and exits with code 75.
"""

_TARGETS_TEXT = """\
## Targets

Targets for a flooded node are undecided if it processed more than 80 % of the published images.

"""

_VERDICTS = {True: 'met', False: '**not met**', None: 'undecided'}

_SECTIONS = {
    'stages': render_stages,
    'decoding': render_decoding,
    'sweeps': render_sweeps,
    'recordings': render_recordings,
    'node': render_node,
    'attention': render_attention,
    'depth': render_depth,
    'start': render_start,
    'memory': render_memory,
}


def render_page(results: Results) -> str:
    """Return the page for some results; parts that were not measured are left out."""
    parts = results['parts']
    sections = [_head(results), _targets(evaluate_targets(parts))]
    sections += [render(parts[name]) for name, render in _SECTIONS.items() if name in parts]
    return '\n'.join(sections)


def _head(results: Results) -> str:
    loads = [f'{name} {part["load"]}' for name, part in results['conditions'].items()]
    note = results.get('note')
    return _HEAD.format(
        note=f'\n{note}\n' if note else '',
        **results['machine'],
        versions=_list_items(results['versions']),
        settings=_list_items(results['settings']),
        busy_load=BUSY_LOAD_PER_CORE,
        load=f'{", ".join(loads)}; the benchmark itself causes most of it after the first part',
    )


def _list_items(values: Results) -> str:
    return ', '.join(f'{name} {value}' for name, value in values.items())


def _targets(rows: Iterable[Results]) -> str:
    lines = [
        [
            row['what'],
            f'at {"least" if row["at_least"] else "most"} {row["limit"]:g} {row["unit"]}'.strip(),
            f'{row["measured"]:g} {row["unit"]}'.strip(),
            _VERDICTS[row['met']],
        ]
        for row in rows
    ]
    return _TARGETS_TEXT + format_table(['figure', 'target', 'measured', ''], lines)
