"""What a receiver is doing, and for how long; this tells a silent camera from a busy network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import time

# Seconds. A wait of this length began when there was nothing to receive.
_LONG_WAIT = 0.1


@dataclass(frozen=True)
class Activity:
    """What a receiver is doing, in seconds."""

    #: How long it has been processing the messages that it received last; 0 when it receives.
    processing: float = 0.0
    #: How long a message may have been waiting unnoticed; 0 when it waits for messages.
    unnoticed: float = 0.0


class ActivityTracker:
    """Follows one thread; `activity` may be called from any other."""

    def __init__(self) -> None:
        """Begin with a thread that was not started."""
        self._processing_since: float | None = None
        self._waiting = False
        # When this round and the one before began. Every message older than that was noticed.
        self._previous_round = self._round = time.monotonic()

    def begin_round(self) -> None:
        """Note that all subscriptions will be looked at again."""
        self._previous_round, self._round = self._round, time.monotonic()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Note that the thread waits for a message as long as the block lasts."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False
        now = time.monotonic()
        if now - self._round > _LONG_WAIT:
            self._previous_round = self._round = now  # no message can have gone unnoticed

    @contextmanager
    def processing(self) -> Iterator[None]:
        """Note that the thread processes messages as long as the block lasts."""
        self._processing_since = time.monotonic()
        try:
            yield
        finally:
            self._processing_since = None

    def activity(self, now: float) -> Activity:
        """Return what the thread is doing at `now`, a time of time.monotonic()."""
        since, previous_round = self._processing_since, self._previous_round
        return Activity(
            processing=0.0 if since is None else max(0.0, now - since),
            unnoticed=0.0 if self._waiting else max(0.0, now - previous_round),
        )
