"""
Declaration of settings as ROS parameters.

The descriptor of a parameter (description, type and range) is generated from its setting. Values
are checked by `posenet_ros.settings`, so error messages are the same wherever a value comes from.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter

from posenet_ros.settings import Group, rows, Setting

AnyGroup = TypeVar('AnyGroup', bound=Group)


def declare_settings(
    node: Node,
    group: type[AnyGroup],
    *,
    changeable: bool = False,
    defaults: Mapping[str, Any] | None = None,
) -> AnyGroup:
    """
    Declare the parameters of a group and return their initial values.

    Parameters become read-only unless they are `changeable`. `defaults` replaces the defaults of
    some, by name. Raises SettingError if a value from a parameter file or the command line is not
    allowed.
    """
    declared = {row.name: _declare(node, row, changeable) for row in rows(group, defaults)}
    return group(**declared)


def _declare(node: Node, row: Setting, changeable: bool) -> Any:
    """Declare a parameter and return its value."""
    # Otherwise rclpy would refuse a value of another type or out of range with its own message.
    untyped = ParameterDescriptor(dynamic_typing=True)
    given = node.declare_parameter(row.name, row.default, untyped).value
    value = _to_type_of(row.default, given)
    row.check(value)
    if value is not given or value == []:  # rclpy takes an empty list for one of bytes
        node.set_parameters([Parameter(row.name, _kind(row.default), value)])
    node.set_descriptor(row.name, _descriptor(row, changeable))
    return value


def _to_type_of(default: Any, value: Any) -> Any:
    """
    Convert a value from YAML to the type of the default if it is clear what is meant.

    YAML reads 20 as an integer even if a float or a string (webcam 0) is meant, and the type of an
    empty list is unknown. A string is accepted as a list of one string, as in the launch file.
    """
    if type(value) is int and isinstance(default, (float, str)):
        return type(default)(value)
    if value is None and isinstance(default, list):
        return []
    if isinstance(value, str) and isinstance(default, list):
        return [value]
    return value


def _kind(default: Any) -> Parameter.Type:
    """Return the type of a parameter; all lists are lists of strings."""
    example = [''] if isinstance(default, list) else default
    kind: Parameter.Type = Parameter.Type.from_parameter_value(example)
    return kind


def _descriptor(row: Setting, changeable: bool) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(
        type=_kind(row.default).value,
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
