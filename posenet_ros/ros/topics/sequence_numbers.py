"""Counting the messages that were published between two received ones."""

from collections.abc import Callable


class SequenceNumbers:
    """
    Follows the sequence numbers of the messages on a topic.

    They show how many messages were missed only while there is one publisher, because each
    publisher numbers its own messages. Not every middleware provides them.
    """

    def __init__(self, count_publishers: Callable[[], int]) -> None:
        """Start before the first message; `count_publishers` returns their current number."""
        self._count_publishers = count_publishers
        self._last: int | None = None

    def missed(self, number: int | None) -> int | None:
        """
        Return how many messages were published between this one and the previous one.

        `number` is the sequence number of this message, or None if it is not known. Returns None
        if the result is not known.
        """
        last, self._last = self._last, number
        if number is None:
            return None
        if last is not None and number == last + 1:
            return 0
        if self._count_publishers() != 1:
            self._last = None  # the next number may come from another publisher
            return None
        # A smaller number comes from a publisher that was restarted.
        return number - last - 1 if last is not None and number > last else None
