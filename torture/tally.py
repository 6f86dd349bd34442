"""What one attack did, and what came of it."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Tally:
    """Counts of one attack. It passed if `failures` is empty."""

    name: str
    seed: int
    #: Duration of the attack in seconds.
    seconds: float = 0.0
    #: How often each thing was done.
    done: Counter[str] = field(default_factory=Counter)
    #: Good images that were sent, and those whose poses arrived in time.
    sent: int = 0
    answered: int = 0
    #: Victims that ended although nothing told them to.
    crashes: int = 0
    #: Python tracebacks in what victims printed.
    tracebacks: int = 0
    #: Memory of the victim in MB: before the attack, at most, and at the end.
    memory_before: float = 0.0
    memory_peak: float = 0.0
    memory_end: float = 0.0
    #: Longest time in seconds between a good image and its poses.
    longest_delay: float = 0.0
    #: Bounds that were broken, each in one line.
    failures: list[str] = field(default_factory=list)
    #: What could not be done on this machine, and figures that only one attack has.
    notes: list[str] = field(default_factory=list)

    #: A table in Markdown that only one attack has.
    table: str = ''

    def fail(self, what: str) -> None:
        """Remember that a bound was broken, and print it."""
        self.failures.append(what)
        self.progress(f'FAILED: {what}')

    def progress(self, line: object) -> None:
        """Print a line of progress."""
        print(f'{self.name}: {line}', flush=True)

    def note_memory(self, before: float, peak: float, end: float) -> None:
        """Remember the memory of a victim in MB; of several victims, the one that grew most."""
        if not self.memory_before or end - before > self.memory_end - self.memory_before:
            self.memory_before, self.memory_end = before, end
        self.memory_peak = max(self.memory_peak, peak)

    def as_json(self) -> dict[str, Any]:
        """Return the fields as values that JSON can represent."""
        return {**asdict(self), 'done': dict(sorted(self.done.items()))}
