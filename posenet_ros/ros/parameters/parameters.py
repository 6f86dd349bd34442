"""
Settings as ROS parameters.

A group of settings (`posenet_ros.settings`) is declared row by row: name, default, description
and range go into the parameter's descriptor. What arrives later is checked by making the group
anew, so that a value is refused with the same words wherever it comes from.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.errors import SettingError
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.ros.pipeline.image_settings import ImageSettings, OutputSettings
from posenet_ros.settings import Group, PoseSettings, rows, Setting, setting

AnyGroup = TypeVar('AnyGroup', bound=Group)


@dataclass(frozen=True, kw_only=True)
class NodeSettings(Group):
    """What makes it a node: its topics, and when it works."""

    image_topics: list[str] = setting(
        ['image_raw'],
        'image topics, one for each camera, each in a namespace of its own; poses and '
        'image_annotated are published beside each',
    )
    image_transport: str = setting(
        'raw',
        'compressed: take images from <image topic>/compressed; a topic that ends so is always '
        'taken as compressed',
        choices=('raw', 'compressed'),
    )
    max_batch_size: int = setting(
        1,
        'most images of different cameras and of one size that go through the network in one run; '
        'more than 1 pays on GPUs only',
        minimum=1,
        maximum=16,
    )
    image_timeout: float = setting(
        5.0,
        'seconds without an image after which a camera is reported as silent',
        minimum=0.1,
        maximum=3600.0,
    )
    autostart: bool = setting(
        True, 'configure and activate at the start; otherwise wait for lifecycle transitions'
    )
    lazy: bool = setting(True, 'do no work on images while nobody subscribes to any output')


#: All parameters of posenet_node, by group, and whether a group can change at run time.
PARAMETERS: dict[type[Group], bool] = {
    NodeSettings: False,
    ModelSettings: False,
    RuntimeSettings: False,
    PoseSettings: True,
    OutputSettings: True,
    DrawingSettings: True,
}


def declare(node: Node, group: type[AnyGroup], *, changeable: bool = False) -> AnyGroup:
    """
    Declare the parameters of a group and return their values at start.

    Raises SettingError for a value, from a file or the command line, that is not allowed.
    """
    return group(**{row.name: _declare_row(node, row, changeable) for row in rows(group)})


class LiveSettings:
    """The settings of a node that can change while it runs; `now` is replaced as a whole."""

    def __init__(self, node: Node) -> None:
        """
        Declare their parameters, and follow them from now on.

        Parameters that are set together are taken over together; when one of them is not
        allowed, all are refused, with the reason. Raises SettingError for a value at the start
        that is not allowed.
        """
        self.now = ImageSettings(
            poses=declare(node, PoseSettings, changeable=True),
            output=declare(node, OutputSettings, changeable=True),
            drawing=declare(node, DrawingSettings, changeable=True),
        )
        node.add_on_set_parameters_callback(self._check)
        node.add_post_set_parameters_callback(self._take_over)

    def _check(self, parameters: list[Parameter]) -> SetParametersResult:
        try:
            self._changed(parameters)
        except SettingError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _take_over(self, parameters: list[Parameter]) -> None:
        self.now = self._changed(parameters)

    def _changed(self, parameters: list[Parameter]) -> ImageSettings:
        """Return the settings with those parameters; raises SettingError."""
        values = {parameter.name: parameter.value for parameter in parameters}
        groups = {one.name: getattr(self.now, one.name) for one in fields(ImageSettings)}
        return ImageSettings(
            **{
                name: replace(
                    group, **{row: values[row] for row in _names(group) if row in values}
                )
                for name, group in groups.items()
            }
        )


def _names(group: Group) -> list[str]:
    return [row.name for row in rows(type(group))]


def _declare_row(node: Node, row: Setting, changeable: bool) -> Any:
    """Declare a parameter and return its value; SettingError speaks where rclpy would."""
    anything = ParameterDescriptor(dynamic_typing=True)
    given = node.declare_parameter(row.name, row.default, anything).value
    value = as_meant(given, row.default)
    row.check(value)
    if value is not given:
        kind = Parameter.Type.from_parameter_value(row.default)
        node.set_parameters([Parameter(row.name, kind, value)])
    node.set_descriptor(row.name, _descriptor(row, changeable))
    return value


def as_meant(value: Any, default: Any) -> Any:
    """
    Return a value as the type of its default, where YAML could not know better.

    It takes 20 for a whole number where a fraction or a text (webcam 0) is wanted, and has no
    type for an empty list.
    """
    if type(value) is int and isinstance(default, (float, str)):
        return type(default)(value)
    if value is None and isinstance(default, list):
        return []
    return value


def _descriptor(row: Setting, changeable: bool) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(
        type=Parameter.Type.from_parameter_value(row.default).value,
        description=row.description,
        read_only=not changeable,
    )
    if row.choices:
        descriptor.additional_constraints = f'one of {row.range_text}'
    elif isinstance(row.default, float):
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=row.minimum, to_value=row.maximum)
        ]
    elif row.minimum is not None:
        descriptor.integer_range = [
            IntegerRange(from_value=row.minimum, to_value=row.maximum, step=1)
        ]
    return descriptor
