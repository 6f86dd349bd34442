"""
The node's parameters as arguments of its launch file.

Every argument is a text. It is brought to its parameter's type and checked, together with what
the parameter file says, before anything starts.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
import re
from typing import Any

import yaml

from posenet_ros.errors import SettingError
from posenet_ros.ros.parameters.parameters import as_meant, PARAMETERS
from posenet_ros.ros.topics.camera_topics import check_topics_differ, named_topics
from posenet_ros.settings import rows, Setting

_ROWS = {row.name: row for group in PARAMETERS for row in rows(group)}

# What may be written, where the row has no range.
_VALID = {
    bool: 'true or false',
    list: '/camera/image_raw alone, or several as [/front/image_raw, /rear/image_raw]',
}


def describe_arguments() -> dict[str, str]:
    """Return name and description of an argument for each parameter of posenet_node."""
    return {name: _describe(row) for name, row in _ROWS.items()}


def to_parameters(arguments: Mapping[str, str]) -> dict[str, Any]:
    """
    Return the parameters that arguments set, each of its own type.

    Those that are empty, or no parameters, are left out. Values are not checked: a text that
    cannot be brought to the type of its parameter stays one.
    """
    given = {name: text for name, text in arguments.items() if text and name in _ROWS}
    return {name: _value(_ROWS[name], text) for name, text in given.items()}


def read_parameter_file(path: Path, node: str) -> dict[str, Any]:
    """
    Return what a parameter file says to the node of a full name, such as /robot/posenet.

    As rclpy reads it: `*` in a node's name stands for one part of it and `**` for any number, and
    what comes later in the file counts. Raises SettingError for a file that cannot be read.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingError(f'params_file {str(path)!r} cannot be read: {error}') from error
    found: dict[str, Any] = {}
    for name, parameters in _nodes_of(content):
        if re.fullmatch(_pattern(name), node) and isinstance(parameters, dict):
            found.update(parameters)
    return found


def check_parameters(values: Mapping[str, Any]) -> None:
    """Raise SettingError for values that the node would refuse at its start."""
    for group in PARAMETERS:
        given = {row.name: values[row.name] for row in rows(group) if row.name in values}
        group(**{name: as_meant(value, _ROWS[name].default) for name, value in given.items()})
    if 'image_topics' in values:
        transport = values.get('image_transport', _ROWS['image_transport'].default)
        cameras = named_topics(values['image_topics'] or [], image_transport=transport)
        check_topics_differ([(camera, camera) for camera in cameras])


def _describe(row: Setting) -> str:
    valid = row.range_text or _VALID.get(type(row.default))
    sentences = [row.description, f'Valid: {valid}' if valid else '', 'Empty: as in params_file']
    return '. '.join(filter(None, sentences))


def _value(row: Setting, text: str) -> Any:
    try:
        return _READERS[type(row.default)](text)
    except (ValueError, KeyError, yaml.YAMLError):
        return text


def _to_list(text: str) -> Any:
    """Return the elements of a YAML list; a text that is none is the only element."""
    value = yaml.safe_load(text)
    return value if isinstance(value, list) else [text]


_READERS: dict[type, Callable[[str], Any]] = {
    bool: lambda text: {'true': True, 'false': False}[text.lower()],
    float: float,
    int: int,
    list: _to_list,
    str: str,
}


def _nodes_of(tree: Any, name: str = '') -> list[tuple[str, Any]]:
    """Return the names of all nodes in a parameter file, with their parameters."""
    if not isinstance(tree, dict):
        return []
    found = []
    for key, value in tree.items():
        if key == 'ros__parameters':
            found.append((name, value))
        else:
            found += _nodes_of(value, f'{name}/{str(key).strip("/")}')
    return found


def _pattern(name: str) -> str:
    """Return the regular expression for a node's name with wildcards."""
    parts = {'**': '(/[^/]+)*', '*': '/[^/]+'}
    return ''.join(parts.get(part, '/' + re.escape(part)) for part in name.strip('/').split('/'))
