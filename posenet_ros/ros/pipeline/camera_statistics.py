"""Counts, rates and latencies of the images of one camera."""

from collections import deque
from collections.abc import Sequence
import threading

import numpy as np

from posenet_ros.attention.observation import Work
from posenet_ros.framing.framing import Size
from posenet_ros.ros.pipeline.snapshot import Snapshot

#: Seconds over which rates and latencies are measured.
WINDOW = 5.0

# Maximum number of events kept: a whole window at up to 200 images per second. At higher rates,
# only the newest are kept.
_MAX_EVENTS = 1000


class CameraStatistics:
    """
    Collects the statistics of one camera. Every method may be called from any thread.

    `now` is always the current time in seconds of a steady clock; the caller always reads the same
    clock.
    """

    def __init__(self, now: float, *, window: float = WINDOW) -> None:
        """Start at `now`, with rates and latencies over the last `window` seconds."""
        self._lock = threading.Lock()
        self._started = now
        self._window = window
        self._received = self._processed = self._replaced = self._refused = self._lost = 0
        self._skipped = self._missed = self._overtaken = 0
        self._numbered = True
        self._last_image: float | None = None
        # Times at which the images that are still being processed arrived, oldest first.
        self._pending: deque[float] = deque()
        self._last_refusal: str | None = None
        self._people: int | None = None
        self._input_size: Size | None = None
        # (time, count) of each event.
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=_MAX_EVENTS)
        self._publications: deque[tuple[float, int]] = deque(maxlen=_MAX_EVENTS)
        # (time of publishing, what the network processed) of each image with a closer look.
        self._closer_looks: deque[tuple[float, Work]] = deque(maxlen=_MAX_EVENTS)
        # (time of publishing, latency) of each processed image.
        self._latencies: deque[tuple[float, float]] = deque(maxlen=_MAX_EVENTS)

    def restart(self, now: float) -> None:
        """Start again at `now`: keep the totals, and reset silence, rates and latencies."""
        with self._lock:
            self._started = now
            self._last_image = self._people = self._input_size = None
            gathered = self._arrivals, self._publications, self._latencies, self._closer_looks
            for one in (*gathered, self._pending):
                one.clear()

    def received(
        self, now: float, *, missed: int | None = 0, numbered: bool = True, wanted: bool = True
    ) -> None:
        """
        Count an image that arrived; an image that is not `wanted` will not be processed.

        `missed` is how many images were published between the previous one received and this one,
        or None if that is not known. Those that the middleware did not lose arrived as well, and
        were replaced by newer ones. Unless messages are `numbered`, replaced images cannot be
        counted.
        """
        with self._lock:
            if missed is None:
                self._missed = self._overtaken + self._lost  # losses so far are accounted for
            else:
                self._missed += missed
            overtaken = max(0, self._missed - self._lost - self._overtaken)
            self._overtaken += overtaken
            self._numbered = numbered
            self._received += 1 + overtaken
            self._replaced += overtaken
            self._last_image = now
            self._arrivals.append((now, 1 + overtaken))
            if not wanted:
                self._skipped += 1
            else:
                self._pending.append(now)

    def replaced(self) -> None:
        """Count an image that a newer one replaced before it was published."""
        with self._lock:
            self._replaced += 1
            if len(self._pending) > 1:
                del self._pending[1]  # the wait began when the first image arrived

    def processed(
        self,
        now: float,
        *,
        latency: float | None,
        people: int,
        input_size: Size,
        closer_look: Work | None = None,
    ) -> None:
        """
        Count an image whose poses were published.

        `latency` is the time in seconds from the image's stamp to publishing, or None if not known
        (see `stamp_latency`). `people` is how many were found. `input_size` is the (height, width)
        of the network input. `closer_look` is what the network processed, with a closer look.
        """
        with self._lock:
            self._processed += 1
            self._end_one()
            self._people = people
            self._input_size = input_size
            self._publications.append((now, 1))
            if closer_look:
                self._closer_looks.append((now, closer_look))
            if latency is not None:
                self._latencies.append((now, latency))

    def refused(self, reason: str) -> None:
        """Count an image that could not be processed, and why."""
        with self._lock:
            self._refused += 1
            self._end_one()
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
            looks = [work for time, work in self._closer_looks if time >= start]
            last_image = self._last_image
            return Snapshot(
                received=self._received,
                processed=self._processed,
                replaced=self._replaced if self._numbered else None,
                refused=self._refused,
                lost=self._lost,
                last_refusal=self._last_refusal,
                skipped=self._skipped,
                rate_in=_rate([one for one in self._arrivals if one[0] >= start], now),
                rate_out=_rate([one for one in self._publications if one[0] >= start], now),
                latency_median=_quantile(latencies, 0.5),
                latency_p95=_quantile(latencies, 0.95),
                people=self._people,
                searches=_mean([work.searched for work in looks]),
                regions=_mean([work.regions for work in looks]),
                left_out=_mean([work.left_out for work in looks]),
                input_size=self._input_size,
                since_last_image=None if last_image is None else max(0.0, now - last_image),
                since_start=now - self._started,
                waiting=max(0.0, now - self._pending[0]) if self._pending else 0.0,
            )

    def _end_one(self) -> None:
        if self._pending:
            self._pending.popleft()


def _rate(events: Sequence[tuple[float, int]], now: float) -> float:
    """
    Return the rate of events (time, count) in Hz: the number of intervals over their duration.

    Counting intervals instead of events gives the correct rate from the second event on. A count
    above 1 means that several events happened since the previous time. Once the next event is
    overdue, the rate is at most what it would be if that event happened now. So the rate falls
    when events stop.
    """
    if len(events) < 2:
        return 0.0
    (first, _), (last, latest) = events[0], events[-1]
    intervals = sum(count for _, count in events[1:])
    overdue = (now - first) * intervals / (intervals + latest)
    took = max(last - first, overdue)
    return intervals / took if took > 0 else 0.0


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _quantile(values: Sequence[float], fraction: float) -> float | None:
    return float(np.quantile(values, fraction)) if values else None
