"""When the frames of a video are shown, also if their container does not know it."""

from fractions import Fraction

# Containers that have only one clock: that of decoding, which differs from the order in which
# frames are shown if there are B-frames. FFmpeg gives it out as the time of the frame.
_WITHOUT_TIMES = ('avi',)


class FrameTimes:
    """
    Computes the times of frames, which never decrease.

    FFmpeg has the same rule in `best_effort_timestamp`, which PyAV does not pass on: the time in
    the file counts until it goes back, and from then on the time when the frame was decoded.
    """

    def __init__(
        self, *, container: str, start: int | None, time_base: Fraction, rate: float
    ) -> None:
        """
        Take the facts of a stream.

        `container` is FFmpeg's name of the format, `start` the time of the first frame in units
        of `time_base` seconds, and `rate` the average number of frames per second.
        """
        self._trusted = not set(container.split(',')) & set(_WITHOUT_TIMES)
        self._start = start or 0
        self._time_base = time_base
        self._rate = rate
        self._newest = -1 / rate
        self._decoded: int | None = None

    def time_of_next(self, *, shown: int | None, decoded: int | None) -> float:
        """
        Return the time of the next frame that is shown, in seconds from the start of the video.

        `shown` and `decoded` are FFmpeg's pts and dts of the frame, in units of the time base.
        """
        time = self._newest + self._step(decoded)
        if self._trusted and shown is not None:
            stated = float((shown - self._start) * self._time_base)
            self._trusted = stated >= self._newest
            time = stated if self._trusted else time
        self._newest, self._decoded = time, decoded
        return time

    def _step(self, decoded: int | None) -> float:
        """Return the seconds since the frame before this one."""
        if decoded is None or self._decoded is None or decoded <= self._decoded:
            return 1 / self._rate
        return float((decoded - self._decoded) * self._time_base)
