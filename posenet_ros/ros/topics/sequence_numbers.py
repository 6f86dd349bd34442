"""How many messages were published between two that were received."""

from collections.abc import Callable


class SequenceNumbers:
    """
    Follows the numbers that the publisher of a topic gives its messages.

    They tell how many messages were missed only while there is one publisher: each publisher has
    numbers of its own, and not every middleware passes them on.
    """

    def __init__(self, count_publishers: Callable[[], int]) -> None:
        """Begin before the first message; `count_publishers` returns how many there are now."""
        self._count_publishers = count_publishers
        self._last: int | None = None

    def missed(self, number: int | None) -> int | None:
        """
        Return how many messages were published between this one and the one before.

        `number` is that of the message received now. None if it is not known.
        """
        last, self._last = self._last, number
        if number is None:
            return None
        if last is not None and number == last + 1:
            return 0
        if self._count_publishers() != 1:
            self._last = None  # the next number may come from another publisher
            return None
        # A smaller number is the first of a publisher that was started again.
        return number - last - 1 if last is not None and number > last else None
