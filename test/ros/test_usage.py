"""`--help` of the programs, and arguments that they do not have."""

from pathlib import Path
import subprocess
import sys

from ament_index_python import get_package_prefix
import pytest

PROGRAMS = ('posenet_node', 'image_source', 'hri_bodies')


def run(program: str, *arguments: str) -> 'subprocess.CompletedProcess[str]':
    """Run a program; its standard error lists what it imports."""
    path = Path(get_package_prefix('posenet_ros')) / 'lib' / 'posenet_ros' / program
    command = [sys.executable, '-X', 'importtime', str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize('program', PROGRAMS)
@pytest.mark.parametrize('arguments', [['--help'], ['-h'], ['--ros-args', '--help']], ids=' '.join)
def test_help_prints_the_usage_and_starts_nothing(program: str, arguments: list[str]) -> None:
    result = run(program, *arguments)
    assert result.returncode == 0
    assert result.stdout.startswith(f'usage: ros2 run posenet_ros {program}')
    assert 'docs/parameters.md' in result.stdout
    assert f'{program} --ros-args -p ' in result.stdout
    assert 'rclpy' not in result.stderr


@pytest.mark.parametrize('program', PROGRAMS)
@pytest.mark.parametrize(
    ('arguments', 'unknown'),
    [
        (['-p', 'score_threshold:=0.4'], "'-p'"),
        (['--hlep'], "'--hlep'"),
        (['--ros-args', '-p', 'lazy:=true', '--', 'camera'], "'camera'"),
    ],
    ids=str,
)
def test_an_argument_that_ros_would_ignore_is_refused_in_one_line(
    program: str, arguments: list[str], unknown: str
) -> None:
    result = run(program, *arguments)
    assert result.returncode == 2
    (line,) = [one for one in result.stderr.splitlines() if not one.startswith('import time:')]
    assert f'unknown argument {unknown}; parameters and other ROS arguments follow' in line
