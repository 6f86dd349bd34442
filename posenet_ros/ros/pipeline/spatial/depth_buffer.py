"""
The newest depth images of one camera, and which of them belongs to an image.

A depth image belongs to an image if no other one has a stamp nearer to it, and if the two stamps
differ by at most the allowed time. It may arrive before or after the image. So an image is
announced as soon as it is received: from then on, its nearest depth image is kept for as long as
the image is being processed, while newer ones replace the others.

Depth images are received only when people are located, after the poses have been published:
receiving them earlier would delay the poses.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
import threading
import time
from weakref import WeakSet

from posenet_ros.ros.conversions.depth_images import DepthMessage
from posenet_ros.tracking.image_times import Continuity

# Depth images kept for images that have not been received yet. An image waits in the middleware
# for at most about one period, as a newer one replaces it.
_KEPT = 10
# Seconds between two attempts to receive a depth image that is late. An attempt takes 0.03 ms of
# CPU time; rclpy can wait for a message only with an executor, which takes ten times as much.
_POLL_PERIOD = 0.002
# Seconds without a depth image after which the topic counts as silent.
_SILENCE = 1.0
# Nanoseconds. Stamps that differ by more come from different clocks.
_OTHER_CLOCK = 10_000_000_000
# Depth images of several sizes may belong to one sequence.
_ANY_SIZE = 0, 0


@dataclass(frozen=True)
class Miss:
    """Why there is no depth for an image."""

    #: In a few words, the same for all images with the same cause, to be counted.
    reason: str
    #: In a sentence, with the values, and what to do.
    detail: str


@dataclass(frozen=True, eq=False)
class _Stamped:
    """A depth image with its stamp in nanoseconds."""

    stamp: int
    message: DepthMessage


class ExpectedDepth:
    """The depth image that belongs to one image: the nearest of those that have arrived so far."""

    def __init__(self, stamp: int, buffer: 'DepthBuffer') -> None:
        """Expect depth for an image with this stamp in nanoseconds; see `DepthBuffer.expect`."""
        self._stamp = stamp
        self._buffer = buffer
        self._nearest: _Stamped | None = None
        # Whether a depth image that is at least as new as the image has arrived.
        self._passed = False

    def offer(self, depth: _Stamped) -> None:
        """Keep a depth image if it is nearer than the one before; call it under the lock."""
        self._passed |= depth.stamp >= self._stamp
        if self._nearest is None or self._distance(depth) < self._distance(self._nearest):
            self._nearest = depth

    def wait(self, timeout: float) -> 'DepthMessage | Miss':
        """
        Return the depth image, or why there is none; wait for it for up to `timeout` seconds.

        It is known as soon as the stamps are equal, or a depth image has arrived that is newer
        than the image.
        """
        if self._stamp <= 0:
            return Miss('image without a stamp', 'the image has no stamp; correct the driver')
        give_up = time.monotonic() + timeout
        self._buffer.receive()
        while not self._is_known() and (left := give_up - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_PERIOD))
            self._buffer.receive()
        nearest = self._nearest
        if nearest is None or self._distance(nearest) > self._buffer.max_difference:
            return self._miss(nearest)
        return nearest.message

    def _distance(self, depth: _Stamped) -> int:
        return abs(depth.stamp - self._stamp)

    def _is_known(self) -> bool:
        if self._nearest is None:
            return False
        distance = self._distance(self._nearest)
        return distance == 0 or (self._passed and distance <= self._buffer.max_difference)

    def _miss(self, nearest: _Stamped | None) -> Miss:
        """Return why no depth image belongs to the image."""
        silence = self._buffer.silence()
        if nearest is None or silence is None:
            return Miss(
                'no depth image',
                "no depth image has arrived; check the topic's name and type, and its publisher",
            )
        if silence > _SILENCE:
            return Miss(
                'no depth image',
                f'no depth image for {silence:.0f} s; check its publisher',
            )
        seconds = (nearest.stamp - self._stamp) / 1e9
        if abs(nearest.stamp - self._stamp) > _OTHER_CLOCK:
            return Miss(
                'stamps of another clock',
                f'the stamps of depth images and images differ by {abs(seconds):.0f} s; '
                'let both drivers use the same clock',
            )
        order = 'older' if seconds < 0 else 'newer'
        return Miss(
            f'depth image too {"old" if seconds < 0 else "new"}',
            f'the nearest depth image is {abs(seconds) * 1e3:.1f} ms {order} than the image; '
            'synchronize the two, or increase depth_max_time_difference',
        )


class DepthBuffer:
    """Keeps depth images of one camera; every method may be called from any thread."""

    def __init__(
        self,
        max_difference: float,
        *,
        receive: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Allow stamps that differ by `max_difference` seconds; `clock` must be steady.

        `receive` adds the depth images that have arrived. It is called in the thread that waits
        for the depth of an image.
        """
        #: In nanoseconds.
        self.max_difference = round(max_difference * 1e9)
        self.receive = receive
        # Held while depth images are added, and while an image is announced.
        self._lock = threading.Lock()
        self._clock = clock
        self._kept: deque[_Stamped] = deque(maxlen=_KEPT)
        self._continuity = Continuity()
        self._expected: WeakSet[ExpectedDepth] = WeakSet()
        self._last: float | None = None

    def add(self, stamp: int, message: DepthMessage) -> None:
        """Add a depth image with its stamp in nanoseconds."""
        depth = _Stamped(stamp, message)
        with self._lock:
            if self._continuity.breaks(stamp / 1e9, _ANY_SIZE):
                self._kept.clear()
            self._kept.append(depth)
            self._last = self._clock()
            for expected in self._expected:
                expected.offer(depth)

    def expect(self, stamp: int) -> ExpectedDepth:
        """Announce an image with this stamp in nanoseconds; keep its depth while it exists."""
        expected = ExpectedDepth(stamp, self)
        with self._lock:
            for depth in self._kept:
                expected.offer(depth)
            self._expected.add(expected)
        return expected

    def silence(self) -> float | None:
        """Return the seconds since the last depth image; None if there was none."""
        return None if self._last is None else self._clock() - self._last
