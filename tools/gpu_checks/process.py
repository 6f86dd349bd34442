"""
Running one check in a process of its own, with a time limit.

A check is named by its module, and its function unless that is `measure`:
`gpu_checks.parts.agreement`, `gpu_checks.losses.contexts:measure_reset`. So a crash is a finding,
and memory of the GPU is free again when the check has ended. The process leads a process group,
which is killed when it has ended or takes too long. If this process dies, the kernel kills its
children, and so theirs.
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

from gpu_checks.json_file import write_json
from gpu_checks.plan import Part, Plan, Result

#: The checkout.
ROOT = Path(__file__).parents[2]

# The program that runs a check when it is given the hidden options.
_PROGRAM = ROOT / 'tools' / 'gpu_check.py'

# The variable with the time limit of a process in seconds, and the share that it may plan with.
_LIMIT, _SHARE = 'GPU_CHECK_LIMIT_S', 0.75
# Lines of the output that a result keeps.
_LAST_LINES = 30
# Seconds that a process has to end after its result is complete, and between two looks at it.
_PATIENCE_S = 5.0
_POLL_S = 0.5
# Number of the option of prctl that sets the signal for the death of the parent: linux/prctl.h.
_PR_SET_PDEATHSIG = 1


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

    `output` has the last lines that the process printed, if any. `end` says what is wrong with the
    end of a process whose result is complete.

    The result is also written to the file `result`, if given. `environment` is added to the
    variables of the process.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = result or Path(folder) / 'result.json'
        file.unlink(missing_ok=True)
        log = Path(folder) / 'output.txt'
        begin = time.monotonic()
        arguments = [*command(check, plan), '--result', str(file)]
        limited = {**(environment or {}), _LIMIT: str(limit_s)}
        code = _run(arguments, log, file, limit_s, limited)
        seconds = round(time.monotonic() - begin, 2)
        found = _read(file)
        if found is None:
            found = _describe_end(code, limit_s)
        elif code is None:
            found['end'] = 'its process did not end after its result was complete'
        elif code:
            found['end'] = _describe_end(code, limit_s)['error']
        # ONNX Runtime only prints why a provider did not start.
        if lines := log.read_text(errors='replace').splitlines()[-_LAST_LINES:]:
            found['output'] = lines
        found['seconds'] = seconds
        write_json(file, found)
    return found


def budget(seconds: float) -> float:
    """Return so many seconds, or less if this process is killed before."""
    return min(seconds, _SHARE * float(os.environ.get(_LIMIT, 'inf')))


def _run(
    arguments: list[str], log: Path, result: Path, limit_s: float, environment: Mapping[str, str]
) -> int | None:
    """Run a command that writes a result; return its exit code, or None if it was killed."""
    with log.open('wb') as output:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment_with(environment),
            **group_options(),
        )
    try:
        return _wait(process, result, limit_s)
    finally:
        kill_group(process)


def _wait(process: 'subprocess.Popen[bytes]', result: Path, limit_s: float) -> int | None:
    """Return the exit code; None after the limit, or if the process hangs after its result."""
    end, is_complete = time.monotonic() + limit_s, False
    while (now := time.monotonic()) < end:
        if not is_complete and result.exists():
            end, is_complete = min(end, now + _PATIENCE_S), True
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(min(_POLL_S, end - now))
    return process.poll()


def group_options() -> dict[str, Any]:
    """Return the options of Popen with which a process leads a process group of its own."""
    if sys.version_info >= (3, 11):
        return {'process_group': 0}
    return {'preexec_fn': os.setpgrp}


def kill_group(process: 'subprocess.Popen[Any]') -> None:
    """Kill a process and the group that it leads."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def command(check: str, plan: Plan) -> list[str]:
    """Return the command of the process that runs a check."""
    options = ['--provider', plan.provider, '--device-id', str(plan.device_id)]
    quick = ['--quick'] * plan.quick
    return [sys.executable, str(_PROGRAM), *options, *quick, '--check', check]


def environment_with(additions: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the process that runs a check."""
    return {**os.environ, **additions, 'PYTHONPATH': _python_path()}


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


def _describe_end(code: int | None, limit_s: float) -> Result:
    """Return the error of a process that has ended without a result."""
    if code is None:
        return {'error': f'not finished within {limit_s:.0f} s'}
    if code < 0:
        name = signal.Signals(-code).name
        return {'error': f'killed by {name}', 'crashed': True, 'signal': name}
    return {'error': f'ended with exit code {code}, without a result', 'crashed': bool(code)}


def run_here(check: str, plan: Plan, result: Path | None) -> None:
    """Run a check in this process, which was started for it, and write its result, if wanted."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    faulthandler.enable()
    module, _, function = check.partition(':')
    try:
        measure: Part = getattr(importlib.import_module(module), function or 'measure')
        found = measure(plan)
    except Exception as error:  # whatever it is, it is a finding
        if result is None:
            raise
        traceback.print_exc()
        found = {'error': f'{type(error).__name__}: {error}'}
    if result is not None:
        write_json(result, found)
