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


#: Of people without an id, while people are tracked.
NEUTRAL: Colour = (190, 190, 190)


def colour_of(number: int) -> Colour:
    """Return the colour of the person with this number, 0 or more: an id or an index."""
    return _PALETTE[number % len(_PALETTE)]
