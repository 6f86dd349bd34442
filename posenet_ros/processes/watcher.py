"""Who receives the progress of a task."""

from pathlib import Path
from typing import Protocol


class Watcher(Protocol):
    """Receives the progress of a task."""

    def begin(self, source: Path, images: int) -> None:
        """Note that a source with about this number of images is being processed; 0: unknown."""

    def advance(self, *, recalled: bool = False) -> None:
        """Note that one more image is done; `recalled` if an earlier run did the work."""

    def notice(self, line: str) -> None:
        """Show a line about what is unusual."""

    def check(self) -> None:
        """Raise KeyboardInterrupt if the task should end."""
