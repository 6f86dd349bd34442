"""
The parameters of posenet_node as arguments of its launch file.

Every argument is a string. It is converted to the type of its parameter and checked before any
process starts.
"""

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.ros.topics.topic_names import check_topics_differ, named_topics
from posenet_ros.settings import parse_size, rows, Setting

_ROWS = {row.name: row for group in PARAMETERS for row in rows(group)}

# How to write a value of a parameter without a range, by the parameter's type.
_FORMS = {
    bool: 'Allowed: true or false.',
    list: 'For example: /camera/image_raw, or [/front/image_raw, /rear/image_raw].',
}


def describe_arguments() -> dict[str, str]:
    """Return the name and description of an argument for each parameter of posenet_node."""
    return {name: _describe(row) for name, row in _ROWS.items()}


def to_parameters(arguments: Mapping[str, str]) -> dict[str, Any]:
    """
    Return the parameters that the arguments set, each converted to its type.

    Arguments that are empty, or that are not parameters, are left out. Values are not checked: a
    string that cannot be converted stays a string.
    """
    given = {name: text for name, text in arguments.items() if text and name in _ROWS}
    return {name: _convert(_ROWS[name], text) for name, text in given.items()}


def to_bool(name: str, text: str) -> bool:
    """Return whether an argument is true; raises SettingError unless it is true or false."""
    row = Setting(name, False, '')
    value = _convert(row, text)
    row.check(value)
    return value is True


def check_parameters(values: Mapping[str, Any]) -> None:
    """
    Raise SettingError for a value that the node would refuse regardless of its other parameters.

    Combinations, such as a model and its output stride, are checked by the node: some of the
    values may be in the parameter file, which only the node reads.
    """
    for name, value in values.items():
        _ROWS[name].check(value)
    if 'input_size' in values:
        parse_size(values['input_size'])
    if 'image_topics' in values:
        transport = values.get('image_transport', _ROWS['image_transport'].default)
        cameras = named_topics(values['image_topics'], image_transport=transport)
        check_topics_differ([(camera, camera) for camera in cameras])


def _describe(row: Setting) -> str:
    form = f'Allowed: {row.range_text}.' if row.range_text else _FORMS.get(type(row.default), '')
    sentences = [row.description, form, 'If empty, the value in params_file is used.']
    return ' '.join(filter(None, sentences))


def _convert(row: Setting, text: str) -> Any:
    try:
        return _CONVERTERS[type(row.default)](text)
    except (ValueError, KeyError, RecursionError, yaml.YAMLError):
        return text


def _to_list(text: str) -> Any:
    """Return the elements of a YAML list, or any other text as a list with one element."""
    try:
        value = yaml.safe_load(text)
    except AttributeError as error:  # PyYAML 6: a !!timestamp that is none
        raise ValueError(str(error)) from error
    return value if isinstance(value, list) else [text]


_CONVERTERS: dict[type, Callable[[str], Any]] = {
    bool: lambda text: {'true': True, 'false': False}[text.lower()],
    float: float,
    int: int,
    list: _to_list,
    str: str,
}
