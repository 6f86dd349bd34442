"""The settings of a conversion."""

from dataclasses import dataclass

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
