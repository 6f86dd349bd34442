"""docs/distributions.md lists the whole of rclpy that the package uses, and nothing else."""

import ast
from collections.abc import Iterator
import importlib
import inspect
from pathlib import Path
import re

from golden import ROOT
import pytest

# A newer release warns about the name in Humble.
pytestmark = pytest.mark.filterwarnings("ignore:importing 'qos_event':UserWarning")

# Classes whose members the code uses without importing the class.
_UNNAMED = (
    'rclpy.context.Context',
    'rclpy.guard_condition.GuardCondition',
    'rclpy.impl.rcutils_logger.RcutilsLogger',
    'rclpy.task.Task',
    'rclpy.time.Time',
)
# Members of rclpy's classes that only happen to have the same names as something of our own, or as
# a member of another class of rclpy that the package uses.
_OURS = {
    'Clock.handle',
    'Context.handle',
    'GuardCondition.handle',
    'MutuallyExclusiveCallbackGroup.beginning_execution',
    'MutuallyExclusiveCallbackGroup.ending_execution',
    'Node.handle',
    'Publisher.handle',
    'Service.handle',
    'Timer.handle',
    'Context.init',
    'LifecycleState.label',
    'LifecycleState.count',
    'LifecycleState.index',
    'Node.publishers',
    'Node.subscriptions',
    'RcutilsLogger.log',
    'RcutilsLogger.warn',
    'Context.on_shutdown',
    'Context.shutdown',
    'QoSCompatibility.OK',
    'QoSOverridingOptions.callback',
    'SignalHandlerOptions.SIGINT',
    'SignalHandlerOptions.SIGTERM',
    'Subscription.callback',
    'Subscription.topic_name',
    'Task._pending',
    'Task.result',
}
# Private attributes, which classes do not list.
_PRIVATE = {'Entity._executor_event', 'Node._parameter_overrides'}
_ENUM_MEMBERS = {'name', 'value'}


def _modules() -> Iterator[ast.Module]:
    for path in sorted((ROOT / 'posenet_ros').rglob('*.py')):
        yield ast.parse(path.read_text())


def _imported() -> set[str]:
    """Return what the package imports from rclpy, or reads from a module of it, as full names."""
    names: set[str] = set()
    for module in _modules():
        aliases: dict[str, list[str]] = {}
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and (node.module or '').startswith('rclpy.'):
                names |= {f'{node.module}.{one.name}' for one in node.names}
            elif isinstance(node, ast.Import):
                for one in node.names:
                    aliases.setdefault(one.asname or one.name, []).append(one.name)
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owners = aliases.get(node.value.id, [])
                names |= {f'{one}.{node.attr}' for one in owners if one.startswith('rclpy')}
    return names


def _mentioned() -> set[str]:
    """Return all names of attributes and functions, and those that getattr or hasattr read."""
    names: set[str] = set()
    for module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {'getattr', 'hasattr'}:
                names.add(ast.unparse(node.args[1]).strip("'"))
    return names


def _members() -> set[str]:
    """Return the members of rclpy's classes that the package mentions, with their classes."""
    mentioned, members = _mentioned(), set(_PRIVATE)
    for full_name in (*sorted(_imported()), *_UNNAMED):
        module, _, name = full_name.rpartition('.')
        try:
            found = getattr(importlib.import_module(module), name)
        except ImportError:  # a name of another release
            continue
        if inspect.isclass(found):
            members |= {f'{name}.{one}' for one in _own_members(found) & mentioned}
    inherited = {one.replace('Node', 'LifecycleNode', 1) for one in members if 'Node.' in one}
    return members - inherited - _OURS


def _own_members(owner: type) -> set[str]:
    common = {*dir(Exception), *dir(int), *_ENUM_MEMBERS}
    return {name for name in dir(owner) if not name.startswith('_')} - common


def _listed() -> set[str]:
    """Return the names in the first column of the table."""
    page = (ROOT / 'docs' / 'distributions.md').read_text()
    table = page.partition('## What the package uses of rclpy')[2].partition('\n## ')[0]
    return set(re.findall(r'^\| `([\w.]+)` \|', table, re.MULTILINE))


def test_the_table_lists_everything_that_the_package_uses_of_rclpy() -> None:
    used = _imported() | _members()
    assert sorted(used - _listed()) == []


def test_the_table_lists_nothing_that_the_package_does_not_use() -> None:
    used = _imported() | _members()
    assert sorted(_listed() - used) == []


def test_only_one_module_tries_two_names() -> None:
    for path in sorted((ROOT / 'posenet_ros' / 'ros').rglob('*.py')):
        tries = _imports_after_failing(path)
        assert tries == (path.name == 'rclpy_release.py'), path


def _imports_after_failing(path: Path) -> bool:
    """Tell whether a module imports something of rclpy only if it could not import another."""
    handlers = (
        one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.ExceptHandler)
    )
    return any('rclpy' in ast.unparse(handler) for handler in handlers if _imports(handler))


def _imports(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(one, (ast.Import, ast.ImportFrom)) for one in ast.walk(handler))
