"""When the images of a camera were taken, and whether each continues the sequence before it."""

from posenet_ros.framing.framing import Size

# Seconds by which an image that was overtaken by another one may be older than that one. It does
# not depend on how long people are remembered: a recording that starts again may be short.
_OVERTAKEN = 0.2
# Cameras sometimes send a single wrong stamp. A stamp that is so many seconds farther ahead than
# the time of its reception counts only if the next stamp is not back again: in a recording that is
# played fast, or has a gap, stamps go on from there.
_AHEAD = 60.0


class ImageTimes:
    """Tells when each image of a camera was taken, even if its stamp is missing or wrong."""

    def __init__(self) -> None:
        """Wait for the first image."""
        self._time = 0.0
        self._stamp: float | None = None
        self._received: float | None = None
        # A stamp that was so far ahead that the next one must confirm it.
        self._doubted: float | None = None

    def time_of(self, stamp: float | None, received: float) -> float:
        """
        Return when an image was taken, in seconds.

        `stamp` is the time from its header, and `received` is when it was received, on a monotonic
        clock; both in seconds. Without a stamp, or with the same stamp as the previous image, the
        image counts as taken as long after the previous one as it was received after it, and so
        does the first image whose stamp is more than a minute farther ahead than its reception. So
        single images without a stamp, or with a wrong one, do not disturb the others.
        """
        self._time = self._next(stamp, received)
        return self._time

    def _next(self, stamp: float | None, received: float) -> float:
        previous, self._received = self._received, received
        before, self._stamp = self._stamp, stamp
        doubted, self._doubted = self._doubted, None
        if previous is None:
            return self._time if stamp is None else stamp
        expected = self._time + received - previous
        if stamp is None or stamp == before:
            return expected
        if stamp > expected + _AHEAD and (doubted is None or stamp < doubted):
            self._doubted = stamp
            return expected
        return stamp


class Continuity:
    """Compares the stamp and the size of each image with those of the images before."""

    def __init__(self) -> None:
        """Wait for the first image."""
        self._newest: float | None = None
        self._size: Size | None = None

    def breaks(self, stamp: float, image_size: Size) -> bool:
        """
        Note an image, and return whether something else begins with it.

        That is so if its size (height, width) differs from that of the image before, or if its
        stamp is more than 0.2 seconds older than the newest one, as when a recording starts again.
        An image that is a little older was only overtaken by another one.
        """
        other_size = self._size not in (None, image_size)
        jump = self._newest is not None and stamp < self._newest - _OVERTAKEN
        known = None if other_size or jump else self._newest
        self._newest = stamp if known is None else max(known, stamp)
        self._size = image_size
        return other_size or jump
