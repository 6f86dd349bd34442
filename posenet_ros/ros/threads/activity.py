"""What a receiver is doing, to distinguish a silent camera from a busy network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import time

# Seconds. If a wait was longer than this, there was no message to receive when it began.
_LONG_WAIT = 0.1


@dataclass(frozen=True)
class Activity:
    """What a receiver is doing, in seconds."""

    #: How long it has been processing the last batch of messages; 0 while it receives.
    processing: float = 0.0
    #: How long a message may have been waiting unnoticed; 0 while the receiver waits for messages.
    unnoticed: float = 0.0


class ActivityTracker:
    """Follows one thread; `activity` may be called from any other."""

    def __init__(self) -> None:
        """Start with a thread that has not been started."""
        self._processing_since: float | None = None
        self._waiting = False
        # When this round and the previous one began. All messages before the previous round have
        # been noticed.
        self._previous_round = self._round = time.monotonic()

    def begin_round(self) -> None:
        """Record that a new round over all subscriptions begins."""
        self._previous_round, self._round = self._round, time.monotonic()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Record that the thread waits for a message during the block."""
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
        """Record that the thread processes messages during the block."""
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
