"""
The benchmark: `make bench`, or `python benchmark/run.py --help`.

A full run writes benchmark/results.json and, from it, docs/benchmark.md, the charts and the
README's figures. A quick or partial run writes results.json and benchmark.md into --output, so
that the repository has only figures of one whole run.
"""

import argparse
from collections.abc import Callable
from datetime import datetime, timezone
import json
from pathlib import Path
from typing import Any

from decoding import measure_decoding
from lifetime import measure_memory, measure_start
from machine import load, machine, versions
from pictures import SIZES
from prose import put_into_readme, readme_section
from report import page
from session import INPUT_SIZE, use_provider
from stages import measure_stages
from sweeps import measure_sweeps
from targets import judged
from traffic import FLOOD, measure_traffic, USUAL_RATE

from posenet_ros.ros.freed_memory import keep_freed_memory

_ROOT = Path(__file__).parent.parent
_RESULTS = _ROOT / 'benchmark' / 'results.json'

Part = Callable[[bool, list[str]], dict[str, Any]]


def _node(quick: bool, parameters: list[str]) -> dict[str, Any]:
    if quick:
        return measure_traffic(
            rounds=1, seconds=0.6, sizes=['640x480'], cameras=(1,), parameters=parameters
        )
    return measure_traffic(rounds=3, seconds=1.5, sizes=list(SIZES), parameters=parameters)


PARTS: dict[str, Part] = {
    'stages': lambda quick, _: measure_stages(3 if quick else 300),
    'decoding': lambda quick, _: measure_decoding(3 if quick else 300),
    'sweeps': lambda quick, _: measure_sweeps(1 if quick else 60),
    'node': _node,
    'start': lambda quick, parameters: measure_start(1 if quick else 5, parameters=parameters),
    'memory': lambda quick, parameters: measure_memory(
        50 if quick else 10_000, parameters=parameters
    ),
}


def main() -> None:
    """Measure what is asked for, and write it down."""
    options = _parser().parse_args()
    keep_freed_memory()  # as the node does
    if options.redraw:
        write_down(json.loads(_RESULTS.read_text()))
        return
    results = measure(options.only or list(PARTS), quick=options.quick, provider=options.provider)
    print(page(results))
    if options.quick or options.only or options.provider or options.output != _DEFAULT_OUTPUT:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / 'results.json').write_text(json.dumps(results, indent=1) + '\n')
        (options.output / 'benchmark.md').write_text(page(results))
        print(f'written into {options.output}')
    else:
        _RESULTS.write_text(json.dumps(results, indent=1) + '\n')
        write_down(results)


def write_down(results: dict[str, Any]) -> None:
    """Write docs/benchmark.md, the charts and the README's section for a whole run."""
    from charts import draw_charts  # matplotlib is needed for nothing else

    (_ROOT / 'docs' / 'benchmark.md').write_text(page(results))
    draw_charts(results, _ROOT / 'docs')
    readme = _ROOT / 'README.md'
    readme.write_text(put_into_readme(readme.read_text(), readme_section(results)))
    print('written: docs/benchmark.md, its charts, and the figures in README.md')


def measure(names: list[str], *, quick: bool, provider: str = '') -> dict[str, Any]:
    """Return machine, versions, settings, the figures of some parts, and how they are judged."""
    parameters: list[str] = []
    if provider:
        use_provider(provider)
        parameters = [f'execution_provider:={provider}']
    conditions: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for name in names:
        now = datetime.now(timezone.utc).isoformat(timespec='seconds')
        conditions[name] = {'started': now, 'load': load()}
        print(f'{name} ...', flush=True)
        parts[name] = PARTS[name](quick, parameters)
    return {
        'machine': machine(),
        'versions': versions(),
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
        'targets': judged(parts),
    }


_DEFAULT_OUTPUT = _ROOT / 'build' / 'benchmark'


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description='Measure the speed of posenet_ros.')
    parser.add_argument('--only', nargs='+', choices=list(PARTS), help='measure these parts alone')
    parser.add_argument(
        '--quick', action='store_true', help='few runs: shows that it works, not how fast'
    )
    parser.add_argument('--provider', default='', help='execution_provider')
    parser.add_argument(
        '--redraw', action='store_true', help='measure nothing: write page and charts anew'
    )
    parser.add_argument(
        '--output', type=Path, default=_DEFAULT_OUTPUT, help='folder of a partial run'
    )
    return parser


if __name__ == '__main__':
    main()
