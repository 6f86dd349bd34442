"""The victim: the real posenet_node in a process of its own, watched while it is attacked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
import re
import signal
import time

from process_memory import peak_megabytes, reset_peak, resident_megabytes
from ros_graph import Graph, Program
from torture.bounds import MAX_END, MAX_GROWTH, MAX_START
from torture.tally import Tally

TRACEBACK = 'Traceback (most recent call last)'

# Characters of the message of a node that cannot start.
_LONGEST_MESSAGE = 1500

# The last characters of a victim's output that are kept after a failure.
_TAIL = 20_000


class Victim:
    """A running posenet_node. What it must not do is remembered in a tally."""

    def __init__(
        self,
        graph: Graph,
        tally: Tally,
        *,
        output: Path,
        parameters: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
    ) -> None:
        """
        Start the node with parameters `name:=value`.

        `output` is the file to which its output is written after a failure. `prefix` is a command
        that runs the node under restrictions.
        """
        self._graph = graph
        self._tally = tally
        self._output = output
        arguments = [word for parameter in parameters for word in ('-p', parameter)]
        self._program = Program('posenet_node', arguments, dict(environment or {}), prefix=prefix)
        # The memory before the attack, and that with which it is compared.
        self._before = self._compared = 0.0
        # The latest memory, and the largest.
        self._last = self._peak = 0.0
        self._has_failed = self._has_crashed = False

    @property
    def process_id(self) -> int:
        """Return the process id of the node, or of the command that runs it."""
        return self._program.process_id

    @property
    def output(self) -> str:
        """Return what the node has printed."""
        return self._program.output

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self._program.has_ended

    @property
    def gave_up(self) -> bool:
        """Whether the node has ended as one that could not start: with exit code 1 and a line."""
        printed = self.output.strip()
        return self.has_ended and self._program.wait() == 1 and 0 < len(printed) < _LONGEST_MESSAGE

    def wait_until_ready(self) -> bool:
        """Wait until the node is active; return False if it ended or did not become active."""
        give_up = time.monotonic() + MAX_START
        ready = self._graph.holds_within(
            lambda: self.has_ended or ' -> ' in self.output or time.monotonic() > give_up,
            MAX_START,
        )
        return ready and not self.has_ended and ' -> ' in self.output

    def start_watching_memory(self) -> None:
        """Take the present memory as that before the attack."""
        reset_peak(self.process_id)
        self._sample_memory()
        self._before = self._compared = self._last

    def check(self, after: str) -> bool:
        """Return whether the node still runs; if not, remember what ended it."""
        if not self.has_ended:
            return True
        if not self._has_crashed:
            self._has_crashed = True
            self._tally.crashes += 1
            self.fail(f'the node ended with exit code {self._program.wait()} after {after}')
        return False

    def check_memory(self, after: str) -> None:
        """Remember a failure if the memory exceeds the bound."""
        self._sample_memory()
        excess = self._last - self._compared
        if self._compared and excess > MAX_GROWTH:
            self.fail(f'the node holds {excess:.0f} MB more than before, after {after}')
            self._compared = self._last  # one failure for each growth

    def accept_memory(self) -> None:
        """Compare the memory with what it is now from now on."""
        self._compared = self._last

    def fail(self, what: str) -> None:
        """Remember a failure, and keep the output of the node."""
        self._tally.fail(what)
        self._has_failed = True

    def end(
        self,
        with_signal: signal.Signals = signal.SIGINT,
        *,
        may_log_errors: bool = True,
        what: str = 'the attack',
    ) -> int | None:
        """
        Send a signal, and return the exit code; kill the node if it does not end.

        A node that has ended before counts as crashed; `what` is the attack. Memory and tracebacks
        go to the tally, and after a failure the output goes to the file.
        """
        if self.check(what):
            self._sample_memory()
            self._program.send(with_signal)
        exit_code = self._wait(MAX_END)
        if exit_code is None:
            self.fail(f'the node did not end within {MAX_END:g} s after {with_signal.name}')
            self._program.send(signal.SIGKILL)
            self._wait(MAX_START)
        elif exit_code and not self._has_crashed:
            self.fail(f'the node ended with exit code {exit_code} after {with_signal.name}')
        if not may_log_errors and (error := re.search(r'\[(ERROR|FATAL)\].*', self.output)):
            self.fail(f'the node logged: {error[0][:300]}')
        if self._before:
            self._tally.note_memory(self._before, self._peak, self._last)
        self.close()
        return exit_code

    def _wait(self, seconds: float) -> int | None:
        give_up = time.monotonic() + seconds
        while not self.has_ended and time.monotonic() < give_up:
            time.sleep(0.02)
        return self._program.wait() if self.has_ended else None

    def _sample_memory(self) -> None:
        """Remember the memory as the last one; a node that has ended has none."""
        try:
            self._peak = peak_megabytes(self.process_id)
            self._last = resident_megabytes(self.process_id)
        except OSError:
            return

    def close(self) -> None:
        """Judge and keep the output of a node that has ended."""
        printed = self.output
        tracebacks = printed.count(TRACEBACK)
        if tracebacks:
            self._tally.tracebacks += tracebacks
            self.fail(f'the node printed a traceback: {last_line(printed)}')
        if self._has_failed:
            self._output.write_text(printed[-_TAIL:])
        self._program.close()


def last_line(printed: str) -> str:
    """Return the error below the last traceback in some output, shortened."""
    lines = printed.rpartition(TRACEBACK)[2].splitlines()[1:]
    return next((line for line in lines if line and not line.startswith(' ')), '')[:200]
