"""Checks in processes of their own: what becomes of crashes, errors and time limits."""

import os
from pathlib import Path
import signal
import subprocess
import sys
import time
from typing import Any

from gpu_checks.plan import Plan
from gpu_checks.process import budget, ROOT, run_in_process
import pytest

PLAN = Plan('cpu', 0, quick=True)
# Seconds; everything here ends much sooner.
PATIENCE = 120

CHECKS = """
import os, signal, subprocess, sys, time

def measure(plan):
    return {'provider': plan.provider, 'quick': plan.quick, 'figure': float('nan')}

def fail(plan):
    raise ValueError('what went wrong')

def plan_time(plan):
    from gpu_checks.process import budget
    return {'seconds_planned': budget(60)}

def crash(plan):
    print('the last words', flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)

def die_at_the_end(plan):
    import atexit
    atexit.register(os.kill, os.getpid(), signal.SIGKILL)
    return {'figure': 1}

def never_end(plan):
    import atexit
    atexit.register(time.sleep, 1000)
    return {'figure': 1}

def warn(plan):
    os.write(2, b'why it is slow')
    return {'figure': 1}

def warn_and_fail(plan):
    os.write(2, b'why it failed')
    raise ValueError('it failed')

def wait(plan):
    child = subprocess.Popen(['sleep', '1000'])
    with open(os.environ['PIDS'] + '.new', 'w') as file:
        file.write(f'{os.getpid()} {child.pid}')
    os.rename(os.environ['PIDS'] + '.new', os.environ['PIDS'])
    time.sleep(1000)
"""


@pytest.fixture(autouse=True)
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide the module of checks; return the file to which `wait` writes its process ids."""
    (tmp_path / 'made_checks.py').write_text(CHECKS)
    monkeypatch.setenv('PYTHONPATH', str(tmp_path))
    monkeypatch.setenv('PIDS', str(tmp_path / 'pids'))
    return tmp_path / 'pids'


def run(function: str) -> dict[str, Any]:
    return run_in_process(f'made_checks:{function}', PLAN, limit_s=PATIENCE)


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_ended(process_id: int) -> bool:
    """Return whether a process has ended, though perhaps nobody has asked for its exit code."""
    try:
        state = Path(f'/proc/{process_id}/stat').read_text().rpartition(')')[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == 'Z'


def test_a_check_returns_its_result_with_the_time_and_without_nan(tmp_path: Path) -> None:
    file = tmp_path / 'result.json'
    found = run_in_process('made_checks', PLAN, limit_s=PATIENCE, result=file)
    assert found.pop('seconds') > 0
    assert found == {'provider': 'cpu', 'quick': True, 'figure': None}
    assert file.is_file()


def test_an_error_becomes_the_result() -> None:
    found = run('fail')
    assert found['error'] == 'ValueError: what went wrong'
    assert 'in fail' in '\n'.join(found['output'])


def test_a_crash_becomes_the_result_with_its_signal_and_the_last_lines() -> None:
    found = run('crash')
    assert (found['crashed'], found['signal']) == (True, 'SIGSEGV')
    assert 'the last words' in found['output']


def test_a_module_that_cannot_be_imported_is_an_error() -> None:
    found = run_in_process('no_such_module', PLAN, limit_s=PATIENCE)
    assert found['error'] == "ModuleNotFoundError: No module named 'no_such_module'"


def test_a_crash_after_the_check_keeps_its_result() -> None:
    found = run('die_at_the_end')
    assert found['figure'] == 1
    assert found['end'] == 'killed by SIGKILL'


@pytest.mark.parametrize('function', ['warn', 'warn_and_fail'])
def test_what_a_library_printed_is_kept_with_the_result(function: str) -> None:
    assert 'why it' in '\n'.join(run(function)['output'])


def test_a_process_that_hangs_after_its_check_is_ended_soon_and_its_result_is_kept() -> None:
    found = run('never_end')
    assert found['figure'] == 1
    assert found['seconds'] < PATIENCE
    assert 'did not end' in found['end']


def test_a_check_over_its_time_limit_is_ended_with_its_children(
    pids: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Impatient(subprocess.Popen[bytes]):
        """The time limit is over as soon as the check has a child."""

        def wait(self, timeout: float | None = None) -> int:
            if timeout is None:
                return super().wait()
            wait_until(pids.is_file)
            over = time.monotonic() + PATIENCE
            patch.setattr(time, 'monotonic', lambda: over)
            raise subprocess.TimeoutExpired(self.args, timeout)

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, 'Popen', Impatient)
        found = run('wait')
    assert found['error'] == f'not finished within {PATIENCE} s'
    for process_id in pids.read_text().split():
        wait_until(lambda process_id=process_id: has_ended(int(process_id)))


def test_a_check_ends_when_the_process_that_started_it_is_killed(pids: Path) -> None:
    program = (
        'from gpu_checks.process import run_in_process; from gpu_checks.plan import Plan; '
        "run_in_process('made_checks:wait', Plan('cpu', 0, True), limit_s=1000)"
    )
    path = os.pathsep.join([os.environ['PYTHONPATH'], str(ROOT / 'tools')])
    environment = {**os.environ, 'PYTHONPATH': path}
    parent = subprocess.Popen([sys.executable, '-c', program], env=environment)
    try:
        wait_until(pids.is_file)
    finally:
        parent.kill()
        parent.wait()
    check, child = map(int, pids.read_text().split())
    try:
        wait_until(lambda: has_ended(check))
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_check_plans_with_less_time_than_its_process_has() -> None:
    def planned(limit_s: float) -> float:
        found = run_in_process('made_checks:plan_time', PLAN, limit_s=limit_s)
        return float(found['seconds_planned'])

    assert planned(PATIENCE) == 60
    assert planned(PATIENCE / 2) == 45
    assert budget(60) == 60
