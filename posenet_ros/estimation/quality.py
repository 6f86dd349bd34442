"""
Qualities: named sets of defaults, for users who do not want to know what the settings do.

A quality replaces the defaults of some settings. What the user sets explicitly takes precedence,
whatever the quality. The node and the command use this table. To add a setting to a quality, add
its name and value; any setting that both of them have can be there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from posenet_ros.settings import Group, rows, setting

_Settings = TypeVar('_Settings', bound=Group)

#: The defaults that each quality replaces, by the names of the settings.
QUALITIES: dict[str, dict[str, Any]] = {
    'fast': {},
    'balanced': {
        'image_scale_factor': 0.7,
        'attention': 'closer_look',
        'region_size': 241,
        'max_pose_detections': 20,
    },
    'accurate': {
        'model': 'mobilenet_v1_100',
        'image_scale_factor': 0.7,
        'attention': 'closer_look',
        'region_size': 353,
        'max_pose_detections': 20,
    },
}


def _describe_others() -> str:
    """Return the defaults that each quality but fast replaces, as text."""
    texts = {
        quality: ', '.join(f'{name} {value}' for name, value in defaults.items())
        for quality, defaults in QUALITIES.items()
        if defaults
    }
    return '; '.join(f'{quality}: {text}' for quality, text in texts.items())


@dataclass(frozen=True, kw_only=True)
class QualitySettings(Group):
    """Which defaults the other settings have."""

    quality: str = setting(
        'fast',
        'Accuracy against speed: sets the defaults of other settings. What you set yourself takes '
        f'precedence. fast: the documented defaults; {_describe_others()}.',
        choices=tuple(QUALITIES),
    )

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Return the defaults that the quality replaces, by the names of the settings."""
        return QUALITIES[self.quality]


def settings_for(quality: str, group: type[_Settings], /, **given: Any) -> _Settings:
    """
    Return a group of settings with the defaults of a quality.

    `given` are the values of settings that do not have their defaults, by name. Raises
    SettingError if the quality or a value is not allowed.
    """
    defaults = QualitySettings(quality=quality).defaults
    return group(**{**{row.name: row.default for row in rows(group, defaults)}, **given})
