"""What a conversion is given: the settings, and who receives its progress."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from posenet_ros.attention.observation import ObservationSettings


@dataclass(frozen=True, eq=False, kw_only=True)
class ConversionSettings:
    """What is converted, and how."""

    observation: ObservationSettings
    #: The image topics; empty for one in each namespace.
    topics: tuple[str, ...] = ()
    #: Whether all topics of the bag are copied.
    copy: bool = False
    #: Whether annotations for Foxglove are written.
    annotations: bool = False
    #: MCAP or SQLITE3; empty for that of the bag.
    storage: str = ''


class Watcher(Protocol):
    """Receives the progress of a conversion."""

    def begin(self, source: Path, images: int) -> None:
        """Note that a bag with this number of images is being converted."""

    def advance(self, *, recalled: bool) -> None:
        """Note that one more image is done; `recalled` if an earlier run did the work."""

    def notice(self, line: str) -> None:
        """Show a line about what is unusual."""

    def check(self) -> None:
        """Raise KeyboardInterrupt if the conversion should end."""
