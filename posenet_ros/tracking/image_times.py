"""When the images of a camera were taken."""


class ImageTimes:
    """Tells when each image of a camera was taken, even if its stamp is missing or repeated."""

    def __init__(self) -> None:
        """Wait for the first image."""
        self._time = 0.0
        self._stamp: float | None = None
        self._received: float | None = None

    def time_of(self, stamp: float | None, received: float) -> float:
        """
        Return when an image was taken, in seconds.

        `stamp` is the time from its header, and `received` is when it was received, on a monotonic
        clock; both in seconds. Without a stamp, or with the same stamp as the previous image, the
        image counts as taken as long after the previous one as it was received after it. So single
        images without a stamp do not disturb the others.
        """
        previous, self._received = self._received, received
        before, self._stamp = self._stamp, stamp
        if stamp is not None and stamp != before:
            self._time = stamp
        elif previous is not None:
            self._time += received - previous
        return self._time
