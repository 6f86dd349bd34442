"""
The reliability campaign: `make torture`, or `python torture/run.py --help`.

Each attack runs in a process of its own (session.py), with its own /dev/shm if possible. The
results go to --output. A run of all attacks that takes at least an hour also writes
docs/reliability.md.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

from machine import describe_machine, find_versions
from torture.attacks import ATTACKS
from torture.bounds import MAX_OVERTIME
from torture.isolation import in_own_namespace
from torture.reliability_page import render_page
from torture.tally import Tally

ROOT = Path(__file__).resolve().parent.parent

#: Seconds from which a run of all attacks writes docs/reliability.md.
FULL_RUN = 3600.0

# Seconds that a session has to end its node after SIGTERM.
_PATIENCE = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack for some time; return 1 if a bound was broken."""
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # A shell that starts this program in the background makes it and all nodes ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options.output.mkdir(parents=True, exist_ok=True)
    names = options.only or list(ATTACKS)
    weight = sum(ATTACKS[name].weight for name in names)
    results: dict[str, Any] = {
        'date': datetime.now(timezone.utc).strftime('%Y-%m-%d'),
        'commit': _commit(),
        'seed': options.seed,
        'seconds': options.seconds,
        'machine': describe_machine(),
        'versions': find_versions(),
        'attacks': {},
    }
    for name in names:
        seconds = options.seconds * ATTACKS[name].weight / weight
        print(f'{name}: {seconds:.0f} s, seed {options.seed}', flush=True)
        results['attacks'][name] = _attack(name, seconds, options.seed, options.output)
        (options.output / 'results.json').write_text(json.dumps(results, indent=1) + '\n')
    return _conclude(results, options.output, is_full=not options.only)


def _conclude(results: dict[str, Any], output: Path, *, is_full: bool) -> int:
    page = render_page(results)
    print(page)
    if is_full and results['seconds'] >= FULL_RUN:
        (ROOT / 'docs' / 'reliability.md').write_text(page)
        print('Wrote docs/reliability.md.')
    failed = [name for name, tally in results['attacks'].items() if tally['failures']]
    for name in failed:
        again = f'make torture ONLY={name} SEED={results["seed"]}'
        print(f'{name} broke a bound; output of its nodes is in {output}. To repeat it: {again}')
    return int(bool(failed))


def _attack(name: str, seconds: float, seed: int, output: Path) -> dict[str, Any]:
    """Run one attack in a process of its own, and return its tally."""
    path = output / f'{name}.json'
    path.unlink(missing_ok=True)
    for old in output.glob(f'{name}-*.txt'):
        old.unlink()
    session = [sys.executable, str(ROOT / 'torture' / 'session.py'), name]
    session += ['--seconds', str(seconds), '--seed', str(seed), '--output', str(output.resolve())]
    with tempfile.TemporaryDirectory(prefix='torture-') as folder:
        environment = {**os.environ, 'TMPDIR': folder}
        with _process_group(in_own_namespace(session), environment) as process:
            try:
                process.wait(seconds + MAX_OVERTIME)
            except subprocess.TimeoutExpired:
                print(f'{name}: it hung, and is stopped', flush=True)
    if not path.exists():
        hung = Tally(name, seed, seconds)
        hung.fail(f'the attack ended with exit code {process.returncode} and without results')
        return hung.as_json()
    tally: dict[str, Any] = json.loads(path.read_text())
    if process.returncode and not tally['failures']:
        tally['failures'].append(f'the attack ended with exit code {process.returncode}')
    return tally


@contextmanager
def _process_group(
    command: Sequence[str], environment: dict[str, str]
) -> 'Iterator[subprocess.Popen[bytes]]':
    """Run a command in a process group; after the block, end whatever still runs of it."""
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            _wait_for(process)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(process: 'subprocess.Popen[bytes]') -> None:
    give_up = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.05)


def _commit() -> str:
    command = ['git', '-C', str(ROOT), 'describe', '--always', '--dirty']
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ''


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Attack posenet_ros with hostile input and conditions.',
        epilog='Exit code 1: a bound was broken. The output says which, and how to repeat it.',
    )
    add = parser.add_argument
    add('--seconds', type=float, default=FULL_RUN, help='for all attacks (default: 3600)')
    add('--seed', type=int, default=1, help='of the random numbers (default: 1)')
    add('--only', nargs='+', choices=list(ATTACKS), help='run only these attacks')
    add('--output', type=Path, default=ROOT / 'build' / 'torture', help='folder for results')
    return parser.parse_args(arguments)


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit('interrupted')
