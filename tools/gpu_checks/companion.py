"""A process that runs a check beside this one, for example to take the memory of the GPU."""

import json
import subprocess

from gpu_checks.plan import Plan, Result
from gpu_checks.process import command, environment_with, group_options, kill_group

# Seconds until a process that should end is killed.
_PATIENCE_S = 10.0


class CompanionError(Exception):
    """The second process ended too early."""


class Companion:
    """
    A process that runs beside this one until it is stopped.

    Its check prints lines of JSON, and ends when its standard input is closed.
    """

    def __init__(self, check: str, plan: Plan) -> None:
        """Start the process; `stop` or `kill` must be called."""
        self._process = subprocess.Popen(
            command(check, plan),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment_with({}),
            **group_options(),
        )

    def receive(self) -> Result:
        """Return the next line that it prints; raises CompanionError if there is none."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise CompanionError(f'the second process ended with exit code {self._process.wait()}')
        found: Result = json.loads(line)
        return found

    def stop(self) -> list[Result]:
        """Close its input, and return the rest of what it prints; it is killed after a while."""
        try:
            output, _ = self._process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            output = ''
        self.kill()
        return [json.loads(line) for line in output.splitlines()]

    def kill(self) -> None:
        """Kill it at once."""
        kill_group(self._process)
