"""
The benchmark: `make bench`, or `python benchmark/run.py --help`.

A whole run writes benchmark/results.json and, from it, docs/benchmark.md and its charts. A quick
or partial run, or a run on a busy machine, writes results.json and benchmark.md to --output, so
that docs/ only contains figures of one whole run on a quiet machine. --against prints a comparison
with another checkout.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
import json
import os
from pathlib import Path
import sys
from typing import Any

from comparison import compare, COMPARED_PARTS
from machine import busy_load, describe_machine, find_versions, read_load
from parts.attention import measure_attention
from parts.decoding import measure_decoding
from parts.depth import measure_depth
from parts.lifetime import measure_memory, measure_start
from parts.recordings import measure_recordings
from parts.rig import USUAL_RATE
from parts.session import INPUT_SIZE, use_provider
from parts.stages import measure_stages
from parts.sweeps import measure_sweeps
from parts.traffic import FLOOD, measure_traffic
from programs.pictures import SIZES
from report.page import render_page

from posenet_ros.ros.freed_memory import keep_freed_memory

#: The checkout; a whole run writes to its docs/ and benchmark/.
ROOT = Path(__file__).parent.parent

#: The exit code of a whole run that did not start because the machine was busy: 75.
EXIT_BUSY = os.EX_TEMPFAIL

_DEFAULT_OUTPUT = Path('build') / 'benchmark'

Part = Callable[[bool, list[str]], dict[str, Any]]


def _measure_node(quick: bool, parameters: list[str]) -> dict[str, Any]:
    if quick:
        return measure_traffic(
            rounds=1, seconds=0.6, sizes=['640x480'], cameras=(1,), parameters=parameters
        )
    return measure_traffic(rounds=3, seconds=1.5, sizes=list(SIZES), parameters=parameters)


def _measure_closer_look(quick: bool, parameters: list[str]) -> dict[str, Any]:
    if quick:
        return measure_attention(
            rounds=1, seconds=0.6, people=(5,), cameras=(1,), parameters=parameters
        )
    return measure_attention(rounds=2, seconds=1.5, parameters=parameters)


def _measure_depth(quick: bool, parameters: list[str]) -> dict[str, Any]:
    rounds, seconds = (1, 0.6) if quick else (8, 1.5)
    return measure_depth(rounds=rounds, seconds=seconds, parameters=parameters)


PARTS: dict[str, Part] = {
    'stages': lambda quick, _: measure_stages(3 if quick else 300),
    'decoding': lambda quick, _: measure_decoding(3 if quick else 300),
    'sweeps': lambda quick, _: measure_sweeps(1 if quick else 60),
    'recordings': lambda quick, parameters: measure_recordings(
        6 if quick else 600, rounds=1 if quick else 2, parameters=parameters
    ),
    'node': _measure_node,
    'attention': _measure_closer_look,
    'depth': _measure_depth,
    'start': lambda quick, parameters: measure_start(1 if quick else 5, parameters=parameters),
    'memory': lambda quick, parameters: measure_memory(
        50 if quick else 10_000, parameters=parameters
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, compare or redraw, depending on the arguments; return the exit code."""
    options = _parse(arguments)
    if options.redraw:
        write_docs(json.loads((ROOT / 'benchmark' / 'results.json').read_text()))
        return 0
    if options.against:
        parts = [part for part in COMPARED_PARTS if part in (options.only or PARTS)]
        print(compare(ROOT, options.against, parts, rounds=options.rounds))
        return 0
    into_docs = not (options.quick or options.only or options.provider or options.output)
    if into_docs and (load := read_load()) >= busy_load():
        into_docs = False
        print(_describe_busy(load, options.ignore_load), flush=True)
        if not options.ignore_load:
            return EXIT_BUSY
    results = measure(options.only or list(PARTS), quick=options.quick, provider=options.provider)
    print(render_page(results))
    if into_docs:
        (ROOT / 'benchmark' / 'results.json').write_text(json.dumps(results, indent=1) + '\n')
        write_docs(results)
    else:
        _write_folder(results, options.output or ROOT / _DEFAULT_OUTPUT)
    return 0


def _describe_busy(load: float, ignore: bool) -> str:
    busy = f'The machine is busy: its load average is {load}, the limit is {busy_load():g}. '
    if ignore:
        return f'{busy}Measuring anyway; the results go to {_DEFAULT_OUTPUT}, not to docs/.'
    return (
        f'{busy}Nothing was measured. Stop other programs and try again, or write the results to '
        f'{_DEFAULT_OUTPUT} with --ignore-load (make bench IGNORE_LOAD=1).'
    )


def _write_folder(results: dict[str, Any], folder: Path) -> None:
    """Write the results and their page to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'results.json').write_text(json.dumps(results, indent=1) + '\n')
    (folder / 'benchmark.md').write_text(render_page(results))
    print(f'Wrote results.json and benchmark.md to {folder}.')


def write_docs(results: dict[str, Any]) -> None:
    """Write docs/benchmark.md and its charts; without matplotlib the charts stay as they are."""
    docs = ROOT / 'docs'
    (docs / 'benchmark.md').write_text(render_page(results))
    print('Wrote docs/benchmark.md.')
    try:
        from report.charts import draw_charts
    except ModuleNotFoundError:
        print('No charts were drawn. Run: pip install -r requirements/bench.txt')
        return
    print('Wrote', *(f'docs/{path.name}' for path in draw_charts(results, docs)))


def measure(names: list[str], *, quick: bool, provider: str = '') -> dict[str, Any]:
    """Return the machine, the versions, the settings, and the load and figures of each part."""
    parameters: list[str] = []
    if provider:
        use_provider(provider)
        parameters = [f'execution_provider:={provider}']
    keep_freed_memory()  # as the node does
    conditions: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for name in names:
        now = datetime.now(timezone.utc).isoformat(timespec='seconds')
        conditions[name] = {'started': now, 'load': read_load()}
        print(f'{name} ...', flush=True)
        parts[name] = PARTS[name](quick, parameters)
    return {
        'machine': describe_machine(),
        'versions': find_versions(),
        'settings': {
            'model': 'mobilenet_v1_075',
            'output_stride': 16,
            'input_size': INPUT_SIZE,
            'provider': provider or 'default',
            'rate_hz': USUAL_RATE,
            'flood': FLOOD,
            'quick': quick,
        },
        'conditions': conditions,
        'parts': parts,
    }


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Measure the speed of posenet_ros.',
        epilog=f'Exit code {EXIT_BUSY}: a whole run did not start because the machine is busy.',
    )
    add = parser.add_argument
    add('--only', nargs='+', choices=list(PARTS), help='measure only these parts')
    add('--quick', action='store_true', help='few repetitions: a check that the benchmark works')
    add('--provider', default='', help='execution_provider of the network')
    add('--ignore-load', action='store_true', help='measure even if the machine is busy')
    add('--redraw', action='store_true', help='only write the page and charts from results.json')
    add('--output', type=Path, help=f'folder for a partial run (default: {_DEFAULT_OUTPUT})')
    add('--against', type=Path, metavar='DIR', help='compare with the checkout in this folder')
    add('--rounds', type=int, default=5, help='pairs of runs in a comparison (default: 5)')
    return parser.parse_args(arguments)


if __name__ == '__main__':
    sys.exit(main())
