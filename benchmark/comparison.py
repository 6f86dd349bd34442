"""
Compare the speed of this checkout with that of another one.

Input: two checkouts that `make setup` has set up, the parts to measure, and the number of rounds.
Output: a table in Markdown with the median of each figure in both, and the median over all pairs
of their ratio.

Each part is measured in this checkout, then in the other one, then in this one again, and so on.
Every measurement runs the checkout's own benchmark/run.py in the checkout's environment, in a
separate process. Both checkouts only need `run.py --only PART --quick --output FOLDER`, and the
keys of COMPARED_PARTS in the results.json that it writes.
"""

from collections.abc import Iterator, Sequence
import json
import os
from pathlib import Path
import subprocess
import tempfile
from typing import Any

import numpy as np
from report.tables import format_table

#: For each part, whether to run it with --quick, and the figures to compare, as paths of keys in
#: which `*` stands for any key.
COMPARED_PARTS: dict[str, tuple[bool, list[str]]] = {
    'stages': (False, ['*/times/*/median', '*/estimate_over_session']),
    'decoding': (False, ['*/times/1/median', '*/times/30/median']),
    'sweeps': (True, ['*/*/times/estimate/median']),
    'node': (
        True,
        [
            '640x480/1/*/node/latency/median',
            '640x480/1/*/node/rate',
            '640x480/1/*/node/cpu_ms_per_image',
            '640x480/1/*/node/resident_mb',
        ],
    ),
}

# Older checkouts have the modules that tests share in test/ itself.
_PATHS = 'test/support:test:$PYTHONPATH'
_RUN = f'. ./env.sh && PYTHONPATH="{_PATHS}" exec python benchmark/run.py "$@"'

# A process that finds this variable expects the libraries of the ROS wheels on its path.
_BOOTSTRAPPED = '_ROS_WHEELS_BOOTSTRAP_COMPLETE'

Figures = dict[str, float]


def compare(here: Path, other: Path, parts: Sequence[str], *, rounds: int) -> str:
    """Measure both checkouts in turn and return the table; raises SystemExit on a failure."""
    checkouts = [here, other.resolve()]
    for checkout in checkouts:
        if not (checkout / 'install' / '.ready').exists():
            raise SystemExit(f'{checkout} is not set up. Run make setup there.')
    measured: list[list[Figures]] = []
    for number in range(rounds):
        pair: list[Figures] = [{}, {}]
        for part in parts:
            for checkout, figures in zip(checkouts, pair, strict=True):
                print(f'round {number + 1} of {rounds}: {part} in {checkout}', flush=True)
                figures |= _measure(checkout, part)
        measured.append(pair)
    return _tabulate(measured)


def _measure(checkout: Path, part: str) -> Figures:
    """Measure a part in a checkout and return the figures to compare, by their path of keys."""
    quick, patterns = COMPARED_PARTS[part]
    with tempfile.TemporaryDirectory() as folder:
        options = ['--only', part, '--output', folder, *(['--quick'] if quick else [])]
        done = subprocess.run(
            ['bash', '-c', _RUN, 'bash', *options],
            cwd=checkout,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f'{part} in {checkout} failed:\n{done.stdout}')
        results = json.loads((Path(folder) / 'results.json').read_text())
    figures = results['parts'][part]
    return dict(pair for pattern in patterns for pair in _select(figures, pattern, part))


def _environment() -> dict[str, str]:
    """Return the environment as it was before env.sh, without the paths in this checkout."""
    root = Path(__file__).resolve().parent.parent
    kept = {
        name: os.pathsep.join(
            path for path in value.split(os.pathsep) if not Path(path).is_relative_to(root)
        )
        for name, value in os.environ.items()
    }
    return {name: value for name, value in kept.items() if value and name != _BOOTSTRAPPED}


def _select(figures: Any, pattern: str, path: str) -> Iterator[tuple[str, float]]:
    """Yield the figures whose keys match a pattern, each with its path."""
    if not pattern:
        if figures is not None:
            yield path, float(figures)
        return
    key, _, rest = pattern.partition('/')
    for name in figures if key == '*' else [key]:
        yield from _select(figures[name], rest, f'{path}/{name}')


def _tabulate(measured: Sequence[Sequence[Figures]]) -> str:
    """Return the table of the figures that every run of both checkouts has."""
    first, *others = [figures for pair in measured for figures in pair]
    rows = []
    for path in (path for path in first if all(path in figures for figures in others)):
        values = np.array([[figures[path] for figures in pair] for pair in measured])
        ratios = values[:, 0] / values[:, 1]
        here, other = np.median(values, axis=0)
        spread = f'{ratios.min():.2f} to {ratios.max():.2f}'
        rows.append([path, f'{here:.3f}', f'{other:.3f}', f'{np.median(ratios):.3f}', spread])
    return format_table(['figure', 'this', 'other', 'this / other', 'in pairs'], rows)
