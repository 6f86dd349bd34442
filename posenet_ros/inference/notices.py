"""The notices of a graph: what an operator should know about how it runs."""

from collections import deque

from posenet_ros.inference.graph_start import Report

# The number of notices that are kept; a GPU may fail and return for months.
_MAX_NOTICES = 10


class Notices:
    """
    Keeps the latest notices and reports each one.

    An object of its own: if `Fallback` called the `Runtime` that it belongs to, the two would
    refer to one another, and the session's memory would stay until the next garbage collection.
    """

    def __init__(self, report: Report) -> None:
        """Call `report` with each notice."""
        self._report = report
        self._lines: deque[str] = deque(maxlen=_MAX_NOTICES)

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the latest notices, oldest first."""
        return tuple(self._lines)

    def add(self, line: str) -> None:
        """Keep and report a notice."""
        self._lines.append(line)
        self._report(line)
