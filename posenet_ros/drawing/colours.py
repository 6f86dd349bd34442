"""The colours of people."""

#: RGB, 0 to 255.
Colour = tuple[int, int, int]

# Bright colours that people with colour blindness can distinguish too (Okabe and Ito, 2008).
_PALETTE: tuple[Colour, ...] = (
    (0, 158, 115),
    (230, 159, 0),
    (86, 180, 233),
    (240, 228, 66),
    (204, 121, 167),
    (213, 94, 0),
    (0, 114, 178),
)


def colour_of(person: int) -> Colour:
    """Return the colour of the person with this index in the poses."""
    return _PALETTE[person % len(_PALETTE)]
