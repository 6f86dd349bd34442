"""SIGINT and SIGTERM of a process, at each point of its life."""

from pathlib import Path
import signal
import subprocess
import sys
import time

from interrupted_imports import interrupt_imports
import pytest

with_each_signal = pytest.mark.parametrize(
    'number', [signal.SIGINT, signal.SIGTERM], ids=['SIGINT', 'SIGTERM']
)
BEGIN = """
import ctypes, sys, threading, time
from posenet_ros.ros import end_signals
signals = end_signals.EndSignals()
"""
WAIT = """
print('ready', flush=True)
time.sleep(60)
"""
PATIENCE = 30.0


class Script:
    """A Python script in a process of its own."""

    def __init__(self, code: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, '-c', BEGIN + code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == 'ready\n'

    def end(self, *numbers: int) -> tuple[int, str, str]:
        """Send signals; return the exit code and what was printed to stdout and to stderr."""
        for number in numbers:
            self._process.send_signal(number)
        out, error = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, out, error

    def end_unread(self, *, close: bool) -> int:
        """Send SIGTERM, read nothing, and return the exit code; `close` closes stderr first."""
        assert self._process.stderr is not None
        if close:
            self._process.stderr.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()


@with_each_signal
def test_a_signal_ends_the_process_at_once_before_there_is_anything_to_close(number: int) -> None:
    assert Script(WAIT).end(number) == (0, '', '')


@with_each_signal
def test_a_signal_calls_the_action_even_while_the_main_thread_does_not_run(number: int) -> None:
    script = Script(
        'event = threading.Event()\n'
        'signals.defer()\n'
        'signals.call(event.set)\n'
        'print("ready", flush=True)\n'
        'assert event.wait(30)\n'
        'signals.begin_end()\n'
        'print("closed")\n'
    )
    assert script.end(number) == (0, 'closed\n', '')


@with_each_signal
def test_a_signal_that_came_before_the_action_was_known_calls_it_then(number: int) -> None:
    script = Script(
        'signals.defer()\n'
        'print("ready", flush=True)\n'
        'while not signals._received: time.sleep(0.001)\n'
        'signals.call(lambda: print("called"))\n'
        'signals.begin_end()\n'
    )
    assert script.end(number) == (0, 'called\n', '')


def test_a_signal_during_the_end_calls_nothing() -> None:
    script = Script(
        'signals.defer()\n'
        'signals.call(lambda: print("called"))\n'
        'signals.begin_end()\n'
        'print("ready", flush=True)\n'
        'while not signals._received: time.sleep(0.001)\n'
    )
    assert script.end(signal.SIGINT) == (0, '', '')


def test_more_signals_change_nothing() -> None:
    script = Script(
        'signals.defer()\n'
        'print("ready", flush=True)\n'
        'while not signals._received: time.sleep(0.001)\n'
        'time.sleep(0.2)\n'
        'signals.begin_end()\n'
        'print("closed")\n'
    )
    numbers = [signal.SIGINT, signal.SIGTERM] * 5
    assert script.end(*numbers) == (0, 'closed\n', '')


@with_each_signal
def test_work_that_does_not_end_delays_the_end_by_a_bounded_time_and_is_reported(
    number: int,
) -> None:
    script = Script(
        'end_signals.END_TIMEOUT = 1.0\n'
        'signals.defer()\n'
        'print("ready", flush=True)\n'
        'ctypes.CDLL(None).sleep(60)\n'  # as C++ code does, it cannot be interrupted
    )
    start = time.monotonic()
    exit_code, _, error = script.end(number)
    assert exit_code == 0
    assert error.count('\n') == 1
    assert 'after a signal, the work in progress did not end within 1 s' in error
    assert time.monotonic() - start < PATIENCE / 2


def test_a_node_that_does_not_close_delays_the_end_by_a_bounded_time_and_is_reported() -> None:
    script = Script('end_signals.END_TIMEOUT = 1.0\nsignals.defer()\nsignals.begin_end()\n' + WAIT)
    exit_code, _, error = script.end(signal.SIGTERM)
    assert exit_code == 0
    assert error.count('\n') == 1
    assert 'after a signal, the node did not close within 2 s' in error


@pytest.mark.parametrize('reader', ['closed', 'stuck'])
def test_the_process_ends_even_if_nobody_reads_why(reader: str) -> None:
    fill_the_pipe = (
        'os.set_blocking(2, False)\n'
        'try:\n'
        '    while True: os.write(2, b"x")\n'
        'except BlockingIOError:\n'
        '    os.set_blocking(2, True)\n'
    )
    script = Script(
        'import os\n'
        'end_signals.END_TIMEOUT = 0.5\n'
        'signals.defer()\n' + (fill_the_pipe if reader == 'stuck' else '') + WAIT
    )
    assert script.end_unread(close=reader == 'closed') == 0


def test_a_thread_that_began_before_does_not_swallow_the_signal() -> None:
    script = Script(
        'import signal\n'
        'def wait():\n'
        '    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])\n'
        '    print("ready", flush=True)\n'
        '    time.sleep(60)\n'
        'threading.Thread(target=wait, daemon=True).start()\n'
        'time.sleep(60)\n'
    )
    assert script.end(signal.SIGTERM) == (0, '', '')


@with_each_signal
@pytest.mark.parametrize('program', ['posenet_node', 'image_source', 'hri_bodies'])
def test_a_signal_during_imports_ends_a_node_program_without_a_message(
    number: int, program: str, tmp_path: Path
) -> None:
    script = Path(__file__).parents[2] / 'scripts' / program
    done = interrupt_imports([str(script)], number, tmp_path, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')
