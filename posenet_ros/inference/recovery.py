"""
Recovery from failures: which candidate runs the graph, and when another one is tried.

A provider that fails is restarted. If it fails again within `RESTART_COUNTS_S`, it is dropped, and
the next candidate takes over. Dropped providers are tried again after a wait, which doubles each
time. So a GPU that failed for a while is used again, and one that is lost costs little time.
"""

from collections.abc import Callable, Sequence

from posenet_ros.inference.execution_providers import ExecutionProvider

#: Returns the time in seconds, from any starting point.
Clock = Callable[[], float]

#: A restart counts for this many seconds. A provider that fails less often is still useful: a
#: restart takes a second or two. One that fails more often is not.
RESTART_COUNTS_S = 600.0

#: Seconds until a dropped provider is tried for the first time. Each attempt delays images by the
#: time that creating a session takes, a second or more, so attempts must be rare.
FIRST_WAIT_S = 300.0
#: The wait doubles up to this many seconds. A provider that then works for as long has recovered.
MAX_WAIT_S = 3600.0


class Recovery:
    """The candidates of a graph, and the memory of their failures."""

    def __init__(self, candidates: Sequence[ExecutionProvider], clock: Clock) -> None:
        """Start with the first of the candidates, of which there is at least one."""
        self._candidates = list(candidates)
        self._dropped: list[ExecutionProvider] = []
        self._clock = clock
        self._restarted_at = self._returned_at = -float('inf')
        self._wait = FIRST_WAIT_S
        self._retry_at = float('inf')

    @property
    def provider(self) -> ExecutionProvider:
        """Return the candidate that runs the graph."""
        return self._candidates[0]

    @property
    def is_last(self) -> bool:
        """Return whether no other candidate is left."""
        return len(self._candidates) == 1

    @property
    def may_restart(self) -> bool:
        """Return whether the provider was not restarted in the last `RESTART_COUNTS_S`."""
        return self._clock() - self._restarted_at > RESTART_COUNTS_S

    @property
    def is_settled(self) -> bool:
        """Return whether no provider is dropped, and no restart counts."""
        return not self._dropped and self.may_restart

    @property
    def retry_minutes(self) -> int:
        """Return the wait until the dropped providers are tried again."""
        return round(self._wait / 60)

    def note_restart(self) -> None:
        """Remember that the provider's session was created again."""
        self._restarted_at = self._clock()

    def skip(self) -> None:
        """Replace the provider, which cannot be used on this machine, by the next candidate."""
        self._candidates.pop(0)

    def drop(self) -> None:
        """Replace the provider, which failed, by the next candidate; it is tried again later."""
        if self._clock() - self._returned_at > MAX_WAIT_S:
            self._wait = FIRST_WAIT_S
        self._dropped.append(self._candidates.pop(0))
        self._restarted_at = -float('inf')
        self._retry_at = self._clock() + self._wait

    def due(self) -> list[ExecutionProvider]:
        """Return the dropped providers, best first, if it is time to try them again."""
        if self._clock() < self._retry_at:
            return []
        self._wait = min(2 * self._wait, MAX_WAIT_S)
        self._retry_at = self._clock() + self._wait
        return list(self._dropped)

    def return_to(self, provider: ExecutionProvider) -> None:
        """Replace the provider by a dropped one that works again. This counts as a restart."""
        place = self._dropped.index(provider)
        self._candidates = self._dropped[place:] + self._candidates
        del self._dropped[place:]
        if not self._dropped:
            self._retry_at = float('inf')
        self._restarted_at = self._returned_at = self._clock()
