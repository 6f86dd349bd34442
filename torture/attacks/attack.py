"""What an attack is."""

from collections.abc import Callable
from dataclasses import dataclass

from torture.session import Session


@dataclass(frozen=True)
class Attack:
    """An attack, its share of the time, and what it does, in a few words."""

    run: Callable[[Session], None]
    weight: int
    description: str
