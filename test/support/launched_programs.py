"""Our launch file, run by the real launch with programs that record how they were started."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import json
import logging
from logging.handlers import QueueHandler
import os
from pathlib import Path
import queue
import sys
import tempfile
from typing import Any

from ament_index_python import get_package_share_directory
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
import pytest
import rclpy
from rclpy.context import Context
from rclpy.node import Node
from ros_graph import DOMAIN

LAUNCH_FILE = Path(get_package_share_directory('posenet_ros'), 'launch', 'posenet.launch.py')

_RECORDER = """#!{python}
import json, os, pathlib, sys
record = {{'arguments': sys.argv, 'environment': dict(os.environ)}}
pathlib.Path({folder!r}, pathlib.Path(sys.argv[0]).name).write_text(json.dumps(record))
"""


@dataclass(frozen=True)
class Start:
    """How launch started a program."""

    arguments: list[str]
    environment: dict[str, str]

    def parameter(self, name: str) -> Any:
        """Return the value of a parameter of a node with these arguments; None if it has none."""
        context = Context()
        rclpy.init(args=self.arguments, context=context, domain_id=DOMAIN)
        node = Node(
            'unnamed', context=context, automatically_declare_parameters_from_overrides=True
        )
        try:
            return node.get_parameter_or(name).value
        finally:
            node.destroy_node()
            context.try_shutdown()


def install(package: str, executable: str, content: str, prefix: Path) -> None:
    """Install a package with one executable in a prefix."""
    marker = prefix / 'share' / 'ament_index' / 'resource_index' / 'packages' / package
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    program = prefix / 'lib' / package / executable
    program.parent.mkdir(parents=True)
    program.write_text(content)
    program.chmod(0o755)


class RecordedLaunch:
    """A prefix whose posenet_node, camera driver and RViz only record how they are started."""

    def __init__(self, prefix: Path) -> None:
        """Install the programs."""
        self._records = prefix / 'records'
        self._records.mkdir()
        recorder = _RECORDER.format(python=sys.executable, folder=str(self._records))
        install('posenet_ros', 'posenet_node', recorder, prefix)
        install('v4l2_camera', 'v4l2_camera_node', recorder, prefix)
        install('rviz2', 'rviz2', recorder, prefix)
        install('others', 'other', recorder, prefix)
        #: Path of a program that belongs to no launch file of ours.
        self.other = prefix / 'lib' / 'others' / 'other'
        share = get_package_share_directory('posenet_ros')
        (prefix / 'share' / 'posenet_ros').symlink_to(share)

    def run(self, *actions: Any) -> dict[str, Start]:
        """Launch actions until all programs have ended; return the start of each program."""
        assert self._launch(*actions) == 0
        records = {path.name: json.loads(path.read_text()) for path in self._records.iterdir()}
        return {name: Start(**record) for name, record in records.items()}

    def refusal(self, *actions: Any) -> list[str]:
        """Launch actions, and return the errors that launch logs before it starts any program."""
        records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        handler = QueueHandler(records)
        handler.setLevel(logging.ERROR)
        logger = logging.getLogger('launch')
        logger.addHandler(handler)
        try:
            assert self._launch(*actions) == 1
        finally:
            logger.removeHandler(handler)
        assert not any(self._records.iterdir())
        return [records.get_nowait().getMessage() for _ in range(records.qsize())]

    def _launch(self, *actions: Any) -> int:
        """Return the exit code of launch."""
        service = LaunchService()
        service.include_launch_description(LaunchDescription(actions))
        return int(service.run())


def add_prefix(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let launch find the packages of a prefix, and keep its temporary files there."""
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix), prepend=os.pathsep)
    # launch does not remove its parameter files. TMPDIR has no effect once tempfile has read it.
    monkeypatch.setattr(tempfile, 'tempdir', str(prefix))


@contextmanager
def recorded_launch(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedLaunch]:
    """Return a launch of recording programs; undoes what it changes in the environment."""
    launch = RecordedLaunch(prefix)
    before = dict(os.environ)
    add_prefix(prefix, monkeypatch)
    try:
        yield launch
    finally:
        os.environ.clear()
        os.environ.update(before)


def include(**arguments: str) -> IncludeLaunchDescription:
    """Return the action that includes our launch file with arguments."""
    source = PythonLaunchDescriptionSource(str(LAUNCH_FILE))
    return IncludeLaunchDescription(source, launch_arguments=arguments.items())
