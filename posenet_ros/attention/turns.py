"""Who gets a closer look next, if there are more people than regions."""

from collections.abc import Callable, Sequence

from posenet_ros.estimation.people_arrays import gather
from posenet_ros.poses import Pose

# Somebody who is less similar to all people of the image before is new.
_MIN_SIMILARITY = 0.2


class Turns:
    """
    Orders the people in each image of a camera, so that everybody gets a turn.

    Those who were left out come first, in the order in which they waited; those who had a closer
    look in the image before come last.
    """

    def __init__(self) -> None:
        """Wait for the first image."""
        self._waiting: list[Pose] = []
        self._served: list[Pose] = []

    def order(self, people: Sequence[Pose]) -> list[int]:
        """Return the indices of the people in an image, those first whose turn it is."""
        order = list(range(len(people)))
        return sorted(order, key=self._places(people)) if self._waiting else order

    def note(self, *, looked_at: Sequence[Pose], left_out: Sequence[Pose]) -> None:
        """Note who had a closer look in the newest image, and who was left out, in order."""
        self._waiting, self._served = list(left_out), list(looked_at)

    def _places(self, people: Sequence[Pose]) -> Callable[[int], int]:
        """Return the place of each person, by index, in the order of the image before."""
        before = [*self._waiting, *self._served]
        count = len(people)
        similar = gather([*people, *before]).similarities()[:count, count:]
        nearest = similar.argmax(axis=1).tolist()
        known = (similar.max(axis=1) >= _MIN_SIMILARITY).tolist()
        # Somebody new comes after those who waited.
        return lambda index: nearest[index] if known[index] else len(self._waiting)
