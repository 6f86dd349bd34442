"""Whether an image continues the sequence before it."""

from posenet_ros.framing.framing import Size

# Seconds by which an image that was overtaken by another one may be older than that one. It does
# not depend on how long people are remembered: a recording that starts again may be short.
_OVERTAKEN = 0.2


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
