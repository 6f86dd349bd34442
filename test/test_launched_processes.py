"""
How the launch file starts its processes, with the real launch.

The processes are programs that record their arguments and environment, so no node runs. These
tests are skipped unless a ROS 2 distribution is sourced, as those of test_launch.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

launch_ros = pytest.importorskip(
    'launch_ros', reason='launch_ros is missing: it comes with a ROS 2 distribution'
)
from launch_ros.actions import SetParameter  # noqa: E402, I100  (only if it is installed)
from launched_programs import include, recorded_launch, RecordedLaunch  # noqa: E402

ALL_PROGRAMS = {'camera': 'v4l2', 'rviz': 'true'}


@pytest.fixture
def launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedLaunch]:
    """Return a launch whose programs record how they are started."""
    with recorded_launch(tmp_path, monkeypatch) as made:
        yield made


def sim_time(launch: RecordedLaunch, *actions: object) -> dict[str, bool]:
    """Return use_sim_time of each program."""
    starts = launch.run(*actions)
    return {name: start.parameter('use_sim_time') for name, start in starts.items()}


def each(value: bool) -> dict[str, bool]:
    return dict.fromkeys(('posenet_node', 'v4l2_camera_node', 'rviz2'), value)


def test_use_sim_time_of_the_launch_file_around_this_one_holds(launch: RecordedLaunch) -> None:
    around = SetParameter('use_sim_time', True)
    assert sim_time(launch, around, include(**ALL_PROGRAMS)) == each(True)


def test_use_sim_time_of_the_parameter_file_holds(launch: RecordedLaunch, tmp_path: Path) -> None:
    file = tmp_path / 'parameters.yaml'
    file.write_text('/**: {ros__parameters: {use_sim_time: true}}')
    assert sim_time(launch, include(params_file=str(file))) == {'posenet_node': True}


@pytest.mark.parametrize(('text', 'value'), [('True', True), ('true', True), ('false', False)])
def test_the_argument_use_sim_time_is_passed_to_every_program(
    launch: RecordedLaunch, text: str, value: bool
) -> None:
    around = SetParameter('use_sim_time', not value)
    arguments = include(**ALL_PROGRAMS, use_sim_time=text)
    assert sim_time(launch, around, arguments) == each(value)


def test_without_use_sim_time_anywhere_it_is_false(launch: RecordedLaunch) -> None:
    assert sim_time(launch, include(**ALL_PROGRAMS)) == each(False)
