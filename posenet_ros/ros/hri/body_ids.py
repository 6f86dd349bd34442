"""The ids of bodies, and which bodies are tracked."""

from collections.abc import Iterable

# How the cameras are told apart; an id must start with a letter (REP 155).
_LETTERS = 'abcdefghijklmnopqrstuvwxyz'


def camera_letters(index: int) -> str:
    """Return the letters with which the ids of a camera start: a, b, ..., z, aa, ab, ..."""
    quotient, remainder = divmod(index, len(_LETTERS))
    return (camera_letters(quotient - 1) if quotient else '') + _LETTERS[remainder]


def body_id(camera: str, track_id: int) -> str:
    """Return the id of a body: the letters of its camera, and the track id of the person."""
    return f'{camera}{track_id}'


class BodyIds:
    """The bodies that are tracked, and when each was seen last, on any monotonic clock."""

    def __init__(self, timeout: float) -> None:
        """Keep a body for `timeout` seconds after it was seen last."""
        self._timeout = timeout
        # The camera and the time of the last sight of each body, in the order of their appearance.
        self._seen: dict[str, tuple[str, float]] = {}

    @property
    def tracked(self) -> list[str]:
        """Return the ids of the bodies that are tracked, the oldest one first."""
        return list(self._seen)

    def of_camera(self, camera: str) -> list[str]:
        """Return the ids of the bodies that a camera sees."""
        return [one for one, (owner, _) in self._seen.items() if owner == camera]

    def update(self, camera: str, track_ids: Iterable[int], now: float) -> list[str]:
        """Note that a camera has seen people, and return the ids of those that are new."""
        ids = [body_id(camera, track_id) for track_id in track_ids]
        new = [one for one in ids if one not in self._seen]
        self._seen.update(dict.fromkeys(ids, (camera, now)))
        return new

    def expire(self, now: float) -> list[str]:
        """Forget the bodies that were not seen for longer than the timeout; return their ids."""
        return self._forget(
            [one for one, (_, seen) in self._seen.items() if now - seen > self._timeout]
        )

    def forget_all_of(self, camera: str) -> list[str]:
        """Forget all bodies of a camera, and return their ids."""
        return self._forget(self.of_camera(camera))

    def _forget(self, ids: list[str]) -> list[str]:
        for one in ids:
            del self._seen[one]
        return ids
