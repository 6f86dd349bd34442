"""
The arguments of the launch file: from strings to checked values.

Every function raises SettingError for a value that is not allowed, before any process starts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rclpy.exceptions import NameValidationException
from rclpy.validate_namespace import validate_namespace
from rclpy.validate_node_name import validate_node_name
import yaml

from posenet_ros.errors import SettingError
from posenet_ros.messages.topic_names import check_topics_differ, COMPRESSED
from posenet_ros.quoting import quoted
from posenet_ros.ros.parameters.parameter_mistakes import list_unknown
from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.ros.topics.given_topics import named_topics
from posenet_ros.settings import parse_size, rows, Setting

_ROWS = {row.name: row for group in PARAMETERS for row in rows(group)}

# Parameters with a launch argument of their own: it also applies to RViz or the camera driver.
_OWN_ARGUMENTS = ('image_topics', 'use_sim_time')
_LOG_LEVELS = ('debug', 'info', 'warn', 'error', 'fatal')


def to_bool(name: str, text: str) -> bool:
    """Return whether an argument is true, ignoring case."""
    value = {'true': True, 'false': False}.get(text.lower(), text)
    Setting(name, False, '').check(value)
    return value is True


def to_log_level(text: str) -> str:
    """Return a level for the ROS argument --log-level, ignoring case."""
    level = text.lower()
    check_choice('log_level', level, _LOG_LEVELS)
    return level


def to_image_topics(text: str, *, image_transport: str) -> list[str]:
    """Return the image topics from a YAML list of them, or from a single one."""
    topics: Any = text
    with suppress(SettingError):  # then the text itself is refused
        value = _read_yaml(text)
        topics = value if isinstance(value, list) else [text]
    _ROWS['image_topics'].check(topics)
    cameras = named_topics(topics, image_transport=image_transport)
    check_topics_differ([(camera, camera) for camera in cameras])
    return list(topics)


def to_parameters(text: str) -> dict[str, Any]:
    """
    Return the parameters of posenet_node from a YAML mapping; nested names are joined by dots.

    A value that the node would refuse regardless of its other parameters is refused.
    Combinations, such as a model and its output stride, are checked by the node: some of the
    values may be in the parameter file, which only the node reads.
    """
    if not text.strip():
        return {}
    try:
        mapping = _read_yaml(text)
        if not isinstance(mapping, dict):
            raise SettingError('it is not a mapping')
        values = dict(_flatten(mapping))
    except (SettingError, RecursionError) as error:
        raise SettingError(
            f'parameters is {quoted(text)}, expected a YAML mapping, such as '
            "parameters:='{score_threshold: 0.4}'"
        ) from error
    _check_names(list(values))
    for name, value in values.items():
        _check(name, value)
    return values


def check_choice(name: str, text: str, choices: Sequence[str]) -> None:
    """Check that an argument is one of the choices."""
    Setting(name, choices[0], '', choices=choices).check(text)


def check_params_file(path: str) -> None:
    """Check that there is such a file, if a path is given; launch would only log a warning."""
    if path and not Path(path).is_file():
        raise SettingError(
            f'params_file is {quoted(path)}, which is not a file; pass the path of a YAML file'
        )


def check_node_name(name: str) -> None:
    """Check the name of a node."""
    _check_valid('name', name, lambda: validate_node_name(name))


def check_camera_frame(frame: str) -> None:
    """Check that a frame_id is not empty."""
    if not frame.strip():
        raise SettingError(
            f'camera_frame is {quoted(frame)}; pass the frame_id of the images, such as camera'
        )


def check_namespace(namespace: str) -> None:
    """Check a namespace, with or without a slash in front; it may be empty."""
    absolute = f'/{namespace.removeprefix("/")}'
    _check_valid('namespace', namespace, lambda: validate_namespace(absolute))


def describe_unused_driver(
    camera: str, driver_topic: str, image_topics: Sequence[str], *, namespace: str
) -> str:
    """
    Return a message if a camera driver publishes none of the image topics, else ''.

    `namespace` is the absolute one of driver and node. The node may use compressed images.
    """
    prefix = namespace.rstrip('/')
    published = f'{prefix}/{driver_topic}'
    bases = [topic.removesuffix(COMPRESSED) for topic in image_topics]
    if published in [base if base.startswith('/') else f'{prefix}/{base}' for base in bases]:
        return ''
    return (
        f'camera:={camera} publishes {published}, but image_topics is {quoted(image_topics)}, so '
        f'the node does not use its images: remove image_topics, or add {driver_topic} to it'
    )


def _read_yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    # AttributeError is raised by PyYAML 6 for an invalid !!timestamp.
    except (AttributeError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SettingError(str(error)) from error


def _flatten(mapping: Mapping[Any, Any], prefix: str = '') -> Iterator[tuple[str, Any]]:
    """Yield names and values; an empty mapping is a value, so that it is checked."""
    for key, value in mapping.items():
        if isinstance(value, dict) and value:
            yield from _flatten(value, f'{prefix}{key}.')
        else:
            yield f'{prefix}{key}', value


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if name in _OWN_ARGUMENTS:
            raise SettingError(
                f'parameters has {name}, which is a launch argument: write {name}:=VALUE instead'
            )
    unknown = list_unknown(names, _ROWS)
    if unknown:
        space = any(':' in name for name in names)
        remedy = 'write a space after each colon' if space else 'see docs/parameters.md'
        raise SettingError(f'parameters has unknown names: {unknown}; {remedy}')


def _check(name: str, value: Any) -> None:
    row = _ROWS.get(name)
    if row is not None:
        row.check(value)
    elif not isinstance(value, (bool, int, float, str)):
        raise SettingError(f'{name} is {quoted(value)}, expected a single value')
    if name == 'input_size' and value:
        parse_size(value)


def _check_valid(argument: str, value: str, validate: Callable[[], object]) -> None:
    try:
        validate()
    except NameValidationException as error:
        reason = str(error).partition('\n')[0].rstrip(':')
        raise SettingError(f'{argument} is {quoted(value)}: {reason}') from error
