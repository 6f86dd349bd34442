"""The reports of a node on /diagnostics, for tests."""

from collections.abc import Callable

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from ros_graph import Graph


class Reports:
    """The last report on /diagnostics."""

    def __init__(self, graph: Graph) -> None:
        self._received = graph.collect(DiagnosticArray, '/diagnostics')
        self._graph = graph

    @property
    def number(self) -> int:
        """Return how many reports have arrived."""
        return len(self._received)

    @property
    def names(self) -> list[str]:
        """Return whose status the last report has: the node's, then each camera's."""
        return [one.name for one in self._received[-1].status] if self._received else []

    @property
    def node(self) -> DiagnosticStatus:
        """Return the status of the node, which comes first."""
        return self._received[-1].status[0] if self._received else DiagnosticStatus()

    @property
    def camera(self) -> DiagnosticStatus:
        """Return the status of the only camera."""
        reported = self._received and self._received[-1].status[1:]
        return reported[0] if reported else DiagnosticStatus()

    def value(self, key: str) -> str:
        """Return a value of the camera's status; empty until there is one."""
        return {str(one.key): str(one.value) for one in self.camera.values}.get(key, '')

    def wait_for(self, text: str, message: Callable[['Reports'], DiagnosticStatus]) -> None:
        """Wait until the message of a status contains a text."""
        self._graph.wait_until(lambda: text in message(self).message, f'{text!r} in a report')
