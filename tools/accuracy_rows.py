"""
The settings that tools/accuracy.py measures: one row for each.

Add a row to measure other settings. Settings that a row does not name have their defaults, except
that the network always runs on the CPU.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from posenet_ros.errors import SettingError
from posenet_ros.estimation import ModelSettings, PoseSettings, RuntimeSettings
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.quality import QUALITIES
from posenet_ros.settings import Group

_AnyGroup = TypeVar('_AnyGroup', bound=Group)

_GROUPS: tuple[type[Group], ...] = (
    ModelSettings,
    RuntimeSettings,
    PoseSettings,
    AttentionSettings,
)
_KNOWN = {field.name for group in _GROUPS for field in fields(group)}


@dataclass(frozen=True, eq=False)
class Row:
    """Settings with a name."""

    #: For the command line; tables and the chart show it with spaces.
    name: str
    #: The settings that differ from the defaults, by their names.
    changed: Mapping[str, Any]
    #: Whether the page shows which people are found by their height.
    by_height: bool = False

    @property
    def title(self) -> str:
        """Return the name as readers see it."""
        return self.name.replace('_', ' ')

    @property
    def attention(self) -> str:
        """Return the value of the setting `attention`: rows with the same one share a colour."""
        return str(self.changed.get('attention', 'whole_image'))

    def group(self, kind: type[_AnyGroup]) -> _AnyGroup:
        """Return a group of settings; raises SettingError for unknown names and wrong values."""
        if unknown := sorted(self.changed.keys() - _KNOWN):
            raise SettingError(f'row {self.name} has unknown settings: {", ".join(unknown)}')
        settings = {'execution_provider': 'cpu', **self.changed}
        names = {field.name for field in fields(kind)}
        return kind(**{name: value for name, value in settings.items() if name in names})


#: COCO's measures use every pose with its score, up to 20 in a picture.
ALL_POSES = {'max_pose_detections': 20, 'min_pose_score': 0.0}


def _all_poses(name: str, changed: Mapping[str, Any], *, by_height: bool = False) -> Row:
    """Return a row whose poses are not limited by their number or score."""
    return Row(name, {**changed, **ALL_POSES}, by_height)


_SMALL, _LARGE = 'mobilenet_v1_050', 'mobilenet_v1_100'


def _whole_image(name: str, factor: float, **changed: Any) -> Row:
    return _all_poses(name, {'image_scale_factor': factor, **changed}, by_height=changed == {})


def _closer_look(
    name: str, factor: float, region_size: int, max_regions: int = 10, **changed: Any
) -> Row:
    closer = {'attention': 'closer_look', 'region_size': region_size, 'max_regions': max_regions}
    return _all_poses(name, {'image_scale_factor': factor, **closer, **changed})


ROWS = (
    Row('default', {}, by_height=True),
    # The quality fast has the defaults.
    *(Row(name, changed, by_height=True) for name, changed in QUALITIES.items() if changed),
    _whole_image('factor_0.35', 0.35),
    _whole_image('factor_0.5', 0.5),
    _whole_image('factor_0.7', 0.7),
    _whole_image('factor_1.0', 1.0),
    _all_poses('257x257', {'input_size': '257x257'}),
    _whole_image('stride_8', 0.5, output_stride=8),
    _whole_image('int8_0.35', 0.35, precision='int8'),
    _whole_image('int8_0.5', 0.5, precision='int8'),
    _whole_image('large_0.5', 0.5, model=_LARGE),
    _whole_image('large_1.0', 1.0, model=_LARGE),
    _whole_image('small_0.5', 0.5, model=_SMALL),
    _whole_image('small_1.0', 1.0, model=_SMALL),
    _closer_look('closer_0.35,_1_x_161', 0.35, 161, 1),
    _closer_look('closer_0.4,_3_x_193', 0.4, 193, 3),
    _closer_look('closer_0.5,_10_x_241', 0.5, 241),
    _closer_look('closer_0.7,_10_x_241', 0.7, 241),
    _closer_look('large_closer_1.0,_20_x_321', 1.0, 321, 20, model=_LARGE),
    _closer_look('int8_closer_0.25,_1_x_129', 0.25, 129, 1, precision='int8'),
    _closer_look('int8_closer_0.25,_2_x_161', 0.25, 161, 2, precision='int8'),
    _closer_look('int8_closer_0.4,_3_x_225', 0.4, 225, 3, precision='int8'),
    _closer_look('int8_closer_0.5,_10_x_257', 0.5, 257, precision='int8'),
    _closer_look('int8_closer_0.8,_10_x_273', 0.8, 273, precision='int8'),
)
