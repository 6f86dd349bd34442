"""How many messages were published between two that were taken."""

from collections.abc import Callable


class SequenceNumbers:
    """
    Follows the numbers that a topic's publisher gives its messages.

    They tell how many there were only while there is one publisher: each numbers its own, and not
    every middleware hands the numbers on.
    """

    def __init__(self, count_publishers: Callable[[], int]) -> None:
        """Begin before the first message."""
        self._count_publishers = count_publishers
        self._last: int | None = None

    def missed(self, number: int | None) -> int | None:
        """Take a message's number; returns how many came between it and the last, if it tells."""
        last, self._last = self._last, number
        if number is None:
            return None
        if last is not None and number == last + 1:
            return 0
        if self._count_publishers() != 1:
            self._last = None  # the next may be another's
            return None
        # A smaller number is the first of a publisher that has begun anew.
        return number - last - 1 if last is not None and number > last else None
