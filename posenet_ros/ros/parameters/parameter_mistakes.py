"""Mistakes in setting parameters that rclpy does not report: the values simply have no effect."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
import re
import sys
from typing import Any

from rclpy.node import Node
import yaml

from posenet_ros.quoting import quoted
from posenet_ros.regular_files import read_regular_file
from posenet_ros.ros.log_text import cut
from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.qos import OVERRIDABLE
from posenet_ros.settings import Group, rows

# What the parameters that override QoS policies start with, and the policies that they can name.
_QOS_PREFIX = 'qos_overrides.'
_QOS_POLICIES = [kind.name.lower() for kind in OVERRIDABLE]
# At most this many names are listed in a message.
_MAX_NAMES = 10
# Larger parameter files are not checked.
_MAX_BYTES = 4 * 2**20
# Parsing with libyaml takes 1 ms for config/posenet.yaml, and 6 ms without it. Only the names are
# needed, so every value stays a string.
_Loader: Any = getattr(yaml, 'CBaseLoader', yaml.BaseLoader)


def warn_of_mistakes(node: Node, *groups: type[Group]) -> None:
    """
    Log a warning for unknown parameters, and one for each parameter file without a section.

    Call it before the parameters of the groups are declared: a mistake may be the reason why one
    of them is refused.
    """
    names = [row.name for group in groups for row in rows(group)]
    warnings = [
        *describe_unknown(_undeclared(node), names),
        *describe_other_files(sys.argv, node.get_fully_qualified_name()),
    ]
    for warning in warnings:
        node.get_logger().warning(cut(warning))


def warn_of_qos_mistakes(node: Node, cameras: Sequence[CameraTopics]) -> None:
    """
    Log a warning if there are QoS overrides for topics or policies that the node does not have.

    Call it when all publishers and subscriptions but those of the cameras exist.
    """
    ends = _declared_ends(node)
    for camera in cameras:
        ends |= camera.ends
    for warning in describe_unused_overrides(_undeclared(node), ends):
        node.get_logger().warning(cut(warning))


def _declared_ends(node: Node) -> dict[str, str]:
    """Return the topics whose QoS can be overridden, and whether the node publishes them."""
    # rclpy declares the overrides when it creates a publisher or a subscription.
    names = node.get_parameters_by_prefix(_QOS_PREFIX.removesuffix('.'))
    return dict(name.split('.')[:2] for name in names)


def _undeclared(node: Node) -> list[str]:
    """Return the parameters that have been given a value but are not declared so far."""
    # rclpy has no public way to list them. A release that renames this attribute must not keep the
    # node from starting.
    given = getattr(node, '_parameter_overrides', {})
    return [name for name in given if not node.has_parameter(name)]


def list_unknown(given: Sequence[str], names: Collection[str]) -> str:
    """
    Return the parameters that are none of the named ones, each with the nearest name.

    The text is empty if there are none.
    """
    # `describe_unused_overrides` covers the overrides of QoS policies.
    unknown = [name for name in given if name not in names and not name.startswith(_QOS_PREFIX)]
    listed = [_suggest(name, _nearest(name, names)) for name in unknown[:_MAX_NAMES]]
    return _join(listed, len(unknown))


def describe_unknown(overrides: Sequence[str], names: Collection[str]) -> Iterator[str]:
    """Return a message if there are overrides that set none of the named parameters."""
    unknown = list_unknown(overrides, names)
    if unknown:
        yield f'unknown parameters have no effect: {unknown}'


def describe_unused_overrides(overrides: Sequence[str], ends: Mapping[str, str]) -> Iterator[str]:
    """
    Return a message if there are QoS overrides that no publisher or subscription reads.

    `ends` are the topics that can be overridden, each with `publisher` or `subscription`.
    """
    used = [
        f'{_QOS_PREFIX}{topic}.{end}.{policy}'
        for topic, end in ends.items()
        for policy in _QOS_POLICIES
    ]
    unused = [name for name in overrides if name.startswith(_QOS_PREFIX) and name not in used]
    if unused:
        listed = [_suggest(name, _nearest_override(name, ends)) for name in unused[:_MAX_NAMES]]
        yield f'QoS overrides have no effect: {_join(listed, len(unused))}'


def _nearest_override(name: str, ends: Mapping[str, str]) -> str | None:
    """Return the override that is meant, if both its topic and its policy are clear."""
    given_topic, _, rest = name.removeprefix(_QOS_PREFIX).partition('.')
    topic = _nearest(given_topic, ends)
    policy = _nearest(rest.rpartition('.')[2], _QOS_POLICIES)
    return f'{_QOS_PREFIX}{topic}.{ends[topic]}.{policy}' if topic and policy else None


def describe_other_files(arguments: Sequence[str], node_name: str) -> Iterator[str]:
    """
    Return a message for each parameter file in ROS arguments that has no section for a node.

    `node_name` is the full name of the node, with its namespace.
    """
    for option, path in pairwise(arguments):
        if option == '--params-file':
            sections = _read_sections(Path(path))
            if sections is not None and not any(_applies(one, node_name) for one in sections):
                found = [quoted(section) for section in sections[:_MAX_NAMES]]
                yield (
                    f'the parameter file {quoted(path)} has no effect, because it has no section '
                    f'for {node_name}, only for: {_join(found, len(sections)) or "no node"}; '
                    f'name a section {node_name} or /**'
                )


def _nearest(name: str, names: Collection[str]) -> str | None:
    return next(iter(get_close_matches(name[:100], names, n=1)), None)


def _suggest(name: str, nearest: str | None) -> str:
    return f'{quoted(name)} (did you mean {nearest}?)' if nearest else quoted(name)


def _join(listed: Sequence[str], number: int) -> str:
    more = [f'and {number - len(listed)} more'] if number > len(listed) else []
    return ', '.join([*listed, *more])


def _read_sections(path: Path) -> list[str] | None:
    """Return the names of nodes in a parameter file; None if it cannot be read."""
    try:
        content = read_regular_file(path, max_bytes=_MAX_BYTES)
        return list(_sections(yaml.load(content, _Loader)))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return None  # rcl has read it before, and has reported any error; a pipe is now empty


def _sections(tree: Any, name: str = '') -> Iterator[str]:
    """Return the names of nodes: namespaces can be in the name, or be levels of their own."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if key == 'ros__parameters':
            yield name
        else:
            yield from _sections(value, f'{name}/{key.lstrip("/")}')


def _applies(section: str, node_name: str) -> bool:
    """Return whether a section applies to a node: /* is one name, /** any number of them."""
    pattern = section.replace('/*', r'(/\w+)')
    try:
        return re.fullmatch(pattern, node_name) is not None
    except re.error:  # rcl reads it as a regular expression, too
        return True
