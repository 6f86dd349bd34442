"""The tables in the README that say where the package runs."""

import re

from golden import ROOT

RELEASES = ['Humble', 'Jazzy', 'Kilted', 'Lyrical', 'Rolling']
PYTHONS = ['3.10', '3.11', '3.12', '3.13', '3.14']
MARKS = {'tested in CI', 'run by hand', 'read only'}
# CI runs everything with these, because `make test` uses them if nothing else is chosen.
DEFAULTS = {'Jazzy', '3.11'}


def marks() -> dict[str, str]:
    """Return the mark of each release of ROS 2 and of each Python."""
    chapter = (ROOT / 'README.md').read_text().split('\n## Where it runs\n')[1].split('\n## ')[0]
    row = re.compile(r'^\| (?!Python|ROS 2)([\w.]+) \| [^|]+ \| ([^|]+) \|$', re.MULTILINE)
    return dict(row.findall(chapter))


def test_each_release_of_ros_and_python_has_a_row_with_a_mark() -> None:
    assert list(marks()) == [*RELEASES, *PYTHONS]
    assert set(marks().values()) == MARKS


def test_ci_runs_what_is_marked_as_tested_in_ci() -> None:
    run = (ROOT / '.ci' / 'run').read_text()
    programs = [ROOT / name for name in re.findall(r'tools/\w+\.py', run)]
    text = '\n'.join([run, *(program.read_text() for program in programs)]).lower()
    tested = {name for name, mark in marks().items() if mark == 'tested in CI'} - DEFAULTS
    assert {name for name in tested if name.lower() not in text} == set()


def test_the_oldest_python_is_the_one_that_pip_asks_for() -> None:
    assert f"python_requires='>={PYTHONS[0]}'" in (ROOT / 'setup.py').read_text()
