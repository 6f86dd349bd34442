"""What happens to the images of one camera: counts, rates and latencies."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
import threading

import numpy as np

#: Seconds over which rates and latencies are taken.
WINDOW = 5.0

# Most events kept: a whole window up to 200 images a second. At higher rates the newest count.
_MOST_EVENTS = 1000

# Seconds. Nobody waits for a pose that long: such a stamp is of another clock.
_LONGEST_LATENCY = 3600.0


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The statistics of a camera at one moment; totals are since the start."""

    #: Images that came.
    received: int
    #: Images whose poses were published.
    processed: int
    #: Images that a newer one replaced while they waited, as far as the middleware tells.
    replaced: int
    #: Images that could not be processed.
    refused: int
    #: Images that the middleware lost on their way here.
    lost: int
    #: Why the last refused image was refused; None when none ever was.
    last_refusal: str | None
    #: Images that were left alone, as nobody subscribed to any output.
    idle: int
    #: Images received, in Hz over the window; 0 with fewer than two images in it.
    rate_in: float
    #: Images processed, in Hz over the window; 0 with fewer than two images in it.
    rate_out: float
    #: From stamp to publishing, in seconds over the window; None when no latency is known.
    latency_median: float | None
    #: As above: 95 of 100 images take no longer.
    latency_p95: float | None
    #: How many people the last processed image shows; None when none ever was processed.
    people: int | None
    #: Seconds since the last image came; None when none ever came.
    since_last_image: float | None
    #: Seconds since the statistics were started, last.
    since_start: float
    #: Seconds that the oldest image which was taken up, or one that replaced it, has waited for an
    #: answer or a refusal; 0 when none waits.
    waiting: float

    @property
    def silence(self) -> float:
        """Return the seconds without an image: since the last one, or else since the start."""
        return self.since_start if self.since_last_image is None else self.since_last_image


class CameraStatistics:
    """
    Gathers the statistics of one camera; every method may be called from any thread.

    `now` is always in seconds of one steady clock, which the caller reads.
    """

    def __init__(self, now: float, *, window: float = WINDOW) -> None:
        """Start at `now`, with rates and latencies over the last `window` seconds."""
        self._lock = threading.Lock()
        self._started = now
        self._window = window
        self._received = self._processed = self._replaced = self._refused = self._lost = 0
        self._idle = self._missed = self._overtaken = 0
        self._last_image: float | None = None
        # When the images came, oldest first, that were taken up and are not done with.
        self._pending: deque[float] = deque()
        self._last_refusal: str | None = None
        self._people: int | None = None
        # Of (time, how many).
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=_MOST_EVENTS)
        self._publications: deque[tuple[float, int]] = deque(maxlen=_MOST_EVENTS)
        # Of (when it was published, latency).
        self._latencies: deque[tuple[float, float]] = deque(maxlen=_MOST_EVENTS)

    def restart(self, now: float) -> None:
        """Begin to listen at `now`: what was before counts in totals, not as silence or rate."""
        with self._lock:
            self._started = now
            self._last_image = self._people = None
            for gathered in (self._arrivals, self._publications, self._latencies, self._pending):
                gathered.clear()

    def received(self, now: float, *, missed: int | None = 0, wanted: bool = True) -> None:
        """
        Count an image that came; one that is not wanted will not be worked on.

        `missed` is how many were published before it and not taken, None when it is not known.
        Those that did not get lost came as well, and were replaced by newer ones.
        """
        with self._lock:
            if missed is None:
                self._missed = self._overtaken + self._lost  # what got lost before, missed or not
            else:
                self._missed += missed
            overtaken = max(0, self._missed - self._lost - self._overtaken)
            self._overtaken += overtaken
            self._received += 1 + overtaken
            self._replaced += overtaken
            self._last_image = now
            self._arrivals.append((now, 1 + overtaken))
            if not wanted:
                self._idle += 1
            else:
                self._pending.append(now)

    def replaced(self) -> None:
        """Count an image that a newer one replaced before its turn."""
        with self._lock:
            self._replaced += 1
            if len(self._pending) > 1:
                del self._pending[1]  # who waits for an answer has done so since the first

    def processed(self, now: float, *, latency: float | None, people: int) -> None:
        """
        Count an image whose poses were published.

        `latency` is in seconds from the image's stamp to publishing, or None when the stamp does
        not tell (see `stamp_latency`); `people` is how many were found.
        """
        with self._lock:
            self._processed += 1
            self._one_is_done()
            self._people = people
            self._publications.append((now, 1))
            if latency is not None:
                self._latencies.append((now, latency))

    def refused(self, reason: str) -> None:
        """Count an image that could not be processed, and why."""
        with self._lock:
            self._refused += 1
            self._one_is_done()
            self._last_refusal = reason

    def lost(self, count: int) -> None:
        """Count images that the middleware lost."""
        with self._lock:
            self._lost += count

    def snapshot(self, now: float) -> Snapshot:
        """Return the statistics at `now`."""
        start = now - self._window
        with self._lock:
            latencies = [latency for time, latency in self._latencies if time >= start]
            last_image = self._last_image
            return Snapshot(
                received=self._received,
                processed=self._processed,
                replaced=self._replaced,
                refused=self._refused,
                lost=self._lost,
                last_refusal=self._last_refusal,
                idle=self._idle,
                rate_in=_rate([one for one in self._arrivals if one[0] >= start], now),
                rate_out=_rate([one for one in self._publications if one[0] >= start], now),
                latency_median=_quantile(latencies, 0.5),
                latency_p95=_quantile(latencies, 0.95),
                people=self._people,
                since_last_image=None if last_image is None else max(0.0, now - last_image),
                since_start=now - self._started,
                waiting=max(0.0, now - self._pending[0]) if self._pending else 0.0,
            )

    def _one_is_done(self) -> None:
        if self._pending:
            self._pending.popleft()


def stamp_latency(stamp: int, published: int) -> float | None:
    """
    Return the seconds from an image's stamp to publishing, both in nanoseconds of the ROS clock.

    None when the stamp does not tell: it is zero, or of another clock, which shows as a latency
    below zero or above an hour.
    """
    latency = (published - stamp) / 1e9
    return latency if stamp and 0 <= latency <= _LONGEST_LATENCY else None


def _rate(events: Sequence[tuple[float, int]], now: float) -> float:
    """
    Return the rate of events (time, how many) in Hz: intervals between them over their time.

    Counting intervals, not events, is right from the second event on; several at one time came
    since the time before. Once the next event is overdue, the rate is at most what it would be if
    it came now, so that it falls when events stop.
    """
    if len(events) < 2:
        return 0.0
    (first, _), (last, latest) = events[0], events[-1]
    intervals = sum(count for _, count in events[1:])
    overdue = (now - first) * intervals / (intervals + latest)
    took = max(last - first, overdue)
    return intervals / took if took > 0 else 0.0


def _quantile(values: Sequence[float], fraction: float) -> float | None:
    return float(np.quantile(values, fraction)) if values else None
