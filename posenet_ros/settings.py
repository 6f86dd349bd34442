"""
The settings: each with its default, range and description, in one place.

The options of the command line and the parameters of the node, with their descriptions and
checks, are generated from these rows. A group of settings is a frozen dataclass that is always
valid. To change a setting, create a new group with `dataclasses.replace`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, Field, field, fields, MISSING
import re
from typing import Any

from posenet_ros.errors import SettingError
from posenet_ros.quoting import quoted

_KINDS = {
    bool: 'true or false',
    float: 'a number',
    int: 'a whole number',
    list: 'a list of strings',
    str: 'a string',
}


@dataclass(frozen=True)
class Setting:
    """One row of the table: the default, range and description of a field of a group."""

    name: str
    default: Any
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[Any] = ()

    @property
    def range_text(self) -> str:
        """Return the allowed values as text; empty if every value of the type is allowed."""
        if self.choices:
            return ', '.join(map(str, self.choices))
        if self.minimum is None:
            return ''
        return f'{self.minimum} to {self.maximum}'

    def check(self, value: Any) -> None:
        """Raise SettingError if a value has the wrong type or is out of range."""
        wanted = type(self.default)
        fits = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
        if wanted is list:
            fits = fits and all(isinstance(element, str) for element in value)
        if not fits and not (wanted is float and type(value) is int):
            example = f', such as {self.default!r}' if self.default else ''
            raise SettingError(
                f'{self.name} is {quoted(value)}, expected {_KINDS[wanted]}{example}'
            )
        if self.choices and value not in self.choices:
            raise SettingError(f'{self.name} is {quoted(value)}; choose one of {self.range_text}')
        below = self.minimum is not None and not value >= self.minimum
        above = self.maximum is not None and not value <= self.maximum
        if below or above:  # "not" also catches NaN
            raise SettingError(f'{self.name} is {quoted(value)}; choose {self.range_text}')


def rows(group: type, defaults: Mapping[str, Any] | None = None) -> list[Setting]:
    """Return the rows of a group of settings; `defaults` replaces those of some, by name."""
    return [_row(one, defaults or {}) for one in fields(group)]


def _row(one: Field[Any], defaults: Mapping[str, Any]) -> Setting:
    default = one.default if one.default_factory is MISSING else one.default_factory()
    return Setting(one.name, defaults.get(one.name, default), **one.metadata)


def setting(default: Any, description: str, **limits: Any) -> Any:
    """Return a field of a group; `limits` are the minimum and maximum, or the choices."""
    metadata = {'description': description, **limits}
    if isinstance(default, list):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Group:
    """A group of settings, whose fields are checked against their rows."""

    def __post_init__(self) -> None:
        """Raise SettingError for the first value that is not allowed."""
        for row in rows(type(self)):
            row.check(getattr(self, row.name))


#: Default of the maximum number of pixels of an image: somewhat more than 8K (7680x4320).
MAX_IMAGE_PIXELS = 36_000_000


def max_image_pixels_setting() -> Any:
    """Return the field for the maximum size of an image, for each group that has one."""
    return setting(
        MAX_IMAGE_PIXELS,
        'Maximum width x height of an image. Larger images are refused before they are decoded, '
        'so that a broken or malicious image cannot use up the memory. The default is a little '
        'more than 8K has.',
        minimum=1,
        maximum=1_000_000_000,
    )


@dataclass(frozen=True, kw_only=True)
class PoseSettings(Group):
    """Which images are processed, how they are framed, and how outputs are decoded."""

    decoding_method: str = setting(
        'multi_person',
        'multi_person finds all people. single_person is for images with at most one person.',
        choices=('multi_person', 'single_person'),
    )
    image_scale_factor: float = setting(
        0.5,
        'The network processes the image at about this fraction of its size. The result can have '
        'at most 4.2 million pixels (2048x2048): 4K images need 0.7 or less, 8K images 0.35.',
        minimum=0.2,
        maximum=1.0,
    )
    input_size: str = setting(
        '',
        'Letterbox every image to this size, HEIGHTxWIDTH in pixels, such as 257x257, instead of '
        'applying image_scale_factor.',
    )
    max_image_pixels: int = max_image_pixels_setting()
    flip_horizontal: bool = setting(
        False,
        'Mirror the positions of the keypoints, for cameras that publish mirrored images.',
    )
    max_pose_detections: int = setting(
        5,
        'Maximum number of people in an image (multi_person only). closer_look keeps those with '
        'the highest scores.',
        minimum=1,
        maximum=100,
    )
    score_threshold: float = setting(
        0.5,
        'Minimum score of the body part from which a person is decoded (multi_person only). '
        'closer_look uses at most 0.3.',
        minimum=0.0,
        maximum=1.0,
    )
    min_pose_score: float = setting(
        0.15,
        'Minimum score of a person, with whole_image and with closer_look. Poses with a lower '
        'score, of which most are second poses of the same person, are left out and do not count '
        'in max_pose_detections. 0 keeps all.',
        minimum=0.0,
        maximum=1.0,
    )
    nms_radius: float = setting(
        20.0,
        'Non-maximum suppression radius in pixels of the network input: within it, the same body '
        'part of two people counts as one (multi_person only).',
        minimum=1.0,
        maximum=1000.0,
    )

    def __post_init__(self) -> None:
        """Raise SettingError for values out of range."""
        super().__post_init__()
        if self.input_size:
            parse_size(self.input_size)


#: Maximum side of a network input in pixels. An input with two sides of this length takes about a
#: second on a CPU.
MAX_INPUT_SIDE = 2048


def parse_size(text: str) -> tuple[int, int]:
    """Return (height, width) from a text such as 257x353; raises SettingError."""
    match = re.fullmatch(r'(\d{1,4})x(\d{1,4})', text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= min(size) <= max(size) <= MAX_INPUT_SIDE:
        raise SettingError(
            f'input_size is {quoted(text)}, expected HEIGHTxWIDTH in pixels, '
            f'1 to {MAX_INPUT_SIDE} each, such as 257x353'
        )
    return size
