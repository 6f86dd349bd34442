"""The check that requirements have wheels, with a program in the place of pip."""

from pathlib import Path

from golden import ROOT
import matrix
from matrix import Combination, combinations, DISTRIBUTIONS, main, PYTHONS
import pytest

REPORT = '{"install": [{"metadata": {"name": "numpy", "version": "2.4.6"}}]}'

NO_WHEELS = 'echo "ERROR: No matching distribution found for numpy<2.3" >&2; exit 1'


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a program that is used as the Python of pip; it prints a report."""
    program = tmp_path / 'pip'
    program.write_text(f"#!/bin/sh\necho '{REPORT}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(matrix, '_install_pip', lambda folder: program)
    return program


def add_case(pip: Path, arguments: str, command: str) -> None:
    """Make the program run a command of the shell when its arguments match a pattern."""
    pip.write_text(f'{pip.read_text()}case "$*" in {arguments}) {command};; esac\n')


def test_every_python_is_combined_with_every_distribution() -> None:
    found = {(one.python, one.name) for one in combinations()}
    assert {(python, f'ROS 2 {ros}') for python in PYTHONS for ros in DISTRIBUTIONS} <= found
    assert DISTRIBUTIONS == ['jazzy', 'kilted']


def test_every_requirement_file_is_in_a_combination() -> None:
    files = {name for one in combinations() for name in one.files}
    assert files == {path.stem for path in (ROOT / 'requirements').glob('*.txt')}


@pytest.mark.usefixtures('pip')
def test_one_line_is_printed_for_each_combination(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert 'Python 3.14, ROS 2 kilted: 1 packages, with numpy 2.4.6' in lines
    assert len(lines) == len(combinations()) + 1


def test_a_combination_that_cannot_be_resolved_fails_with_the_reason(
    pip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_case(pip, '*ros-kilted*3.14*|*3.14*ros-kilted*', NO_WHEELS)
    assert main() == 1
    printed = capsys.readouterr().out
    assert 'Python 3.14, ROS 2 kilted: FAILED\nERROR: No matching' in printed
    assert 'Python 3.13, ROS 2 kilted: 1 packages' in printed
    assert printed.count('FAILED') == 1


def test_a_combination_that_is_known_to_have_no_wheels_is_named_and_does_not_fail(
    pip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_case(pip, '*3.14*onnxruntime-openvino*', NO_WHEELS)
    assert main() == 0
    assert 'Python 3.14, onnxruntime-openvino: no wheels exist (known)' in capsys.readouterr().out


def test_a_known_combination_fails_for_any_other_reason(
    pip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_case(pip, '*3.14*onnxruntime-openvino*', 'exit 1')
    assert main() == 1
    assert 'Python 3.14, onnxruntime-openvino: FAILED' in capsys.readouterr().out


def test_the_supported_pythons_are_those_of_the_package() -> None:
    text = (ROOT / 'setup.py').read_text()
    assert f"python_requires='>={PYTHONS[0]}'" in text
    assert str(Combination('3.10', 'ROS 2 jazzy', ())) == 'Python 3.10, ROS 2 jazzy'
