"""
Running one check in a process of its own, with a time limit.

A check is named by its module in `gpu_checks.parts`, and its function unless that is `measure`:
`agreement`, `losses:context_reset`. So a crash is a finding, and memory of the GPU is free again
when the check has ended. The process leads a process group, which is killed when it has ended or
takes too long. If this process dies, the kernel kills its children, and so theirs.
"""

from collections.abc import Mapping
import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from typing import Any

from gpu_checks.plan import Part, Plan, Result

#: The checkout.
ROOT = Path(__file__).parents[2]

# The program that runs a check when it is given the hidden options.
_PROGRAM = ROOT / 'tools' / 'gpu_check.py'

# Lines of the output that a result keeps if the check fails.
_LAST_LINES = 30
# Number of the option of prctl that sets the signal for the death of the parent: linux/prctl.h.
_PR_SET_PDEATHSIG = 1


def command(check: str, plan: Plan, result: Path) -> list[str]:
    """Return the command that runs a check and writes its result to a file."""
    options = ['--provider', plan.provider, '--device-id', str(plan.device_id)]
    return [
        *(sys.executable, str(_PROGRAM), *options, *['--quick'] * plan.quick),
        *('--check', check, '--result', str(result)),
    ]


def run_in_process(
    check: str,
    plan: Plan,
    *,
    limit_s: float,
    result: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Result:
    """
    Run a check, and return its result or `{"error": ...}`, each with `seconds`.

    The result is also written to the file `result`, if given. `environment` is added to the
    variables of the process.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = result or Path(folder) / 'result.json'
        file.unlink(missing_ok=True)
        log = Path(folder) / 'output.txt'
        begin = time.monotonic()
        code = _run(command(check, plan, file), log, limit_s, environment or {})
        seconds = round(time.monotonic() - begin, 2)
        found = _read(file) or _failure(code, limit_s, log.read_text(errors='replace'))
        found['seconds'] = seconds
        write_json(file, found)
    return found


def _run(
    arguments: list[str], log: Path, limit_s: float, environment: Mapping[str, str]
) -> int | None:
    """Run a command; return its exit code, or None if it was killed after the time limit."""
    with log.open('wb') as output:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment, 'PYTHONPATH': _python_path()},
            preexec_fn=os.setpgrp,  # process_group=0 needs Python 3.11
        )
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _python_path() -> str:
    """Return the search path of a process, with the checkout."""
    # Last, because the source package must not hide an installed one, which has the messages, too.
    return os.pathsep.join([*filter(None, [os.environ.get('PYTHONPATH')]), str(ROOT)])


def _read(file: Path) -> Result | None:
    try:
        found: Result = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    return found


def _failure(code: int | None, limit_s: float, output: str) -> Result:
    """Return the result of a check that has written none."""
    lines = output.splitlines()[-_LAST_LINES:]
    if code is None:
        return {'error': f'not finished within {limit_s:.0f} s', 'output': lines}
    if code < 0:
        name = signal.Signals(-code).name
        return {'error': f'killed by {name}', 'crashed': True, 'signal': name, 'output': lines}
    return {'error': f'ended with exit code {code}', 'crashed': True, 'output': lines}


def run_here(check: str, plan: Plan, result: Path) -> None:
    """Run a check in this process, which was started for it, and write its result."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    faulthandler.enable()
    module, _, function = check.partition(':')
    try:
        measure: Part = getattr(
            importlib.import_module(f'gpu_checks.parts.{module}'), function or 'measure'
        )
        found = measure(plan)
    except Exception as error:  # whatever it is, it is a finding
        lines = traceback.format_exc().splitlines()[-_LAST_LINES:]
        found = {'error': f'{type(error).__name__}: {error}', 'output': lines}
    write_json(result, found)


def write_json(file: Path, value: Any) -> None:
    """Write a value as JSON; the file is complete or as before. Raises ValueError for a NaN."""
    text = json.dumps(value, indent=1, allow_nan=False) + '\n'
    temporary = file.with_name(f'.{file.name}.{os.getpid()}')
    temporary.write_text(text)
    temporary.replace(file)
