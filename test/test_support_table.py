"""The tables in the README that say where the package runs."""

from pathlib import Path
import re

from golden import ROOT
from matrix import PYTHONS
from other_environments import choose

RELEASES = ['Humble', 'Jazzy', 'Kilted', 'Lyrical', 'Rolling']
MARKS = {'tested in CI', 'run by hand', 'not run'}
# CI runs everything with these, because `make test` uses them if nothing else is chosen.
DEFAULT_ROS, DEFAULT_PYTHON = 'Jazzy', '3.11'
# What else is installed where CI runs.
OTHERS = ['3.10', '3.12', '3.13']


def marks() -> dict[str, str]:
    """Return the mark of each release of ROS 2 and of each Python."""
    chapter = (ROOT / 'README.md').read_text().split('\n## Where it runs\n')[1].split('\n## ')[0]
    row = re.compile(r'^\| (?!Python|ROS 2)([\w.]+) \| [^|]+ \| ([^|]+) \|$', re.MULTILINE)
    return dict(row.findall(chapter))


def test_each_release_of_ros_and_python_has_a_row_with_a_mark() -> None:
    assert list(marks()) == [*RELEASES, *PYTHONS]
    assert set(marks().values()) == MARKS


def test_what_ci_runs_is_marked_as_tested_in_ci() -> None:
    assert 'tools/other_environments.py' in (ROOT / '.ci' / 'run').read_text()
    pythons = {version: Path(version) for version in OTHERS}
    environments, _ = choose(pythons, (DEFAULT_PYTHON, Path(DEFAULT_PYTHON)))
    ran = {DEFAULT_ROS, DEFAULT_PYTHON}
    ran |= {name for one in environments for name in (one.ros.capitalize(), one.version)}
    assert {name for name, mark in marks().items() if mark == 'tested in CI'} == ran
