"""The choice of environments besides the default one, and how they are tested."""

from pathlib import Path
import subprocess

import other_environments
from other_environments import choose, Environment, find_pythons
import pytest

DEFAULT = ('3.11', Path('/usr/bin/python3'))


def paths(*versions: str) -> dict[str, Path]:
    return {version: Path(f'/usr/bin/python{version}') for version in versions}


def chosen(*versions: str) -> list[tuple[str, str]]:
    """Return the distribution and the Python of each environment if these Pythons are found."""
    return [(one.ros, one.version) for one in choose(paths(*versions), DEFAULT)[0]]


def test_kilted_is_tested_on_the_newest_python_and_jazzy_on_the_oldest() -> None:
    assert chosen('3.10', '3.11', '3.12', '3.13') == [('kilted', '3.13'), ('jazzy', '3.10')]
    assert chosen('3.11', '3.12') == [('kilted', '3.12'), ('jazzy', '3.12')]


def test_kilted_is_tested_on_the_default_python_if_there_is_no_other() -> None:
    assert chosen('3.11') == [('kilted', '3.11')]
    assert choose({}, DEFAULT)[0][0].python == DEFAULT[1]


def test_every_python_that_is_not_used_is_named_with_the_reason() -> None:
    skipped = choose(paths('3.10', '3.11', '3.12', '3.13'), DEFAULT)[1]
    assert skipped == [
        'Python 3.12: skipped, only the oldest and the newest are tested',
        'Python 3.14: skipped, not installed',
    ]


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\n{text}\n')
    path.chmod(0o755)
    return path


def test_a_python_that_does_not_run_is_not_used(tmp_path: Path) -> None:
    program(tmp_path / 'shims' / 'python3.13', 'exit 127')
    works = program(tmp_path / 'bin' / 'python3.13', 'exit 0')
    program(tmp_path / 'shims' / 'python3.12', 'exit 127')
    first = program(tmp_path / 'shims' / 'python3.10', 'exit 0')
    program(tmp_path / 'bin' / 'python3.10', 'exit 0')
    folders = [tmp_path / 'missing', tmp_path / 'shims', tmp_path / 'bin']
    assert find_pythons(folders) == {'3.10': first, '3.13': works}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose `make` prints what the demo and pytest print."""
    root = tmp_path / 'repository'
    root.mkdir()
    (root / 'Makefile').write_text(
        'demo:\n\t@echo installing; echo found people in 100 of 100 images\n'
        'test:\n\t@echo $(PYTHON) $(ROS) $(ONLY); echo "== 3 passed in 1 s =="; exit $(RC)\n'
    )
    (root / 'ignored').touch()
    (root / '.gitignore').write_text('/ignored\n/build/\n')
    subprocess.run(['git', 'init', '--quiet', root], check=True)
    monkeypatch.setattr(other_environments, '_ROOT', root)
    monkeypatch.setattr(other_environments, '_FOLDER', root / 'build' / 'environments')
    monkeypatch.setattr(other_environments, 'find_pythons', lambda folders: paths('3.10'))
    monkeypatch.setattr(other_environments, '_default_python', lambda: ('3.11', Path('python')))
    monkeypatch.delenv('ROS_DISTRO', raising=False)
    return root


def test_each_environment_is_tested_in_a_copy_of_the_sources(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert other_environments.main() == 0
    printed = capsys.readouterr().out
    assert printed.count('found people in 100 of 100 images') == 2
    assert printed.count('== 3 passed in 1 s ==') == 2
    assert 'installing' not in printed
    copy = repository / 'build' / 'environments' / 'kilted-python3.10'
    assert (copy / 'Makefile').is_file()
    assert not (copy / 'ignored').exists()
    assert '/usr/bin/python3.10 kilted test/ros' in Path(f'{copy}.log').read_text()


def test_an_environment_that_fails_is_shown_completely_and_the_others_are_tested(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    makefile = repository / 'Makefile'
    failing = makefile.read_text().replace('$(RC)', '$(if $(filter kilted,$(ROS)),1,0)')
    makefile.write_text(failing)
    assert other_environments.main() == 1
    printed = capsys.readouterr()
    assert printed.out.count('installing') == 1
    assert 'ROS 2 kilted on Python 3.10: FAILED in' in printed.out
    assert 'ROS 2 jazzy on Python 3.10: passed in' in printed.out
    assert printed.err.strip() == 'failed: kilted-python3.10'


def test_an_activated_environment_does_not_lead_to_its_packages(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/activated')
    monkeypatch.setenv('LD_LIBRARY_PATH', '/activated')
    makefile = repository / 'Makefile'
    makefile.write_text(makefile.read_text().replace('@echo installing', '@env; echo installing'))
    assert other_environments.main() == 0
    log = repository / 'build' / 'environments' / 'kilted-python3.10.log'
    assert '/activated' not in log.read_text()


def test_sources_that_were_deleted_are_deleted_from_the_copy(repository: Path) -> None:
    environment = Environment('3.10', Path('python3'), 'jazzy', 'test')
    folder = repository / 'build' / 'environments' / environment.name
    (folder / '.venv').mkdir(parents=True)
    (folder / 'test').mkdir()
    (folder / 'test' / 'test_old.py').touch()
    (folder / 'conftest.py').touch()
    (folder / 'linked').symlink_to(folder / 'test')
    assert other_environments.main() == 0
    assert not any((folder / name).exists() for name in ('test', 'conftest.py', 'linked'))
    assert (folder / '.venv').exists()


def test_nothing_is_tested_if_a_distribution_is_sourced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('ROS_DISTRO', 'jazzy')
    assert other_environments.main() == 0
    assert 'skipped, because they need wheels' in capsys.readouterr().out
