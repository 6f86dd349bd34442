"""A region of an image that the network sees, for example one person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """A square of an image, in image pixels. It may reach beyond the image, where it is black."""

    #: (x, y)
    centre: tuple[float, float]
    side: float
