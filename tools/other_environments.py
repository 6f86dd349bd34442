"""
Run the demo and some tests on other releases of Python and ROS 2 than the default ones.

.ci/run runs this program beside `make test`, which tests the default ones. It copies the sources
to build/environments, so that these environments do not replace .venv, and runs `make demo` and
`make test ONLY=...` there, for all environments at the same time. Output: a few lines for each
environment, or everything if it failed. Exit code: 1 if one failed.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess
import sys
import time

from matrix import PYTHONS

_ROOT = Path(__file__).parent.parent
_FOLDER = _ROOT / 'build' / 'environments'
# What differs between distributions: everything that uses rclpy. `make demo` also builds the
# package.
_ROS_TESTS = 'test/ros'
# What differs between releases of Python and of other packages: everything else. `make demo` runs
# the nodes.
_PYTHON_TESTS = 'test ' + ' '.join(
    f'--ignore=test/{name}'
    for name in (
        *('ros', 'test_benchmark.py', 'test_demo.py', 'test_package.py', 'test_torture.py'),
        'test_two_hosts.py',
    )
)

# What env.sh sets. It must not lead another environment to the packages of this one.
_ACTIVATED = {
    *('AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH', 'COLCON_PREFIX_PATH', 'LD_LIBRARY_PATH'),
    *('PYTHONPATH', 'VIRTUAL_ENV', '_ROS_WHEELS_BOOTSTRAP_COMPLETE'),
    *('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'),
}


@dataclass(frozen=True)
class Environment:
    """A Python, the distribution of the wheels, and the tests to run with them."""

    version: str
    python: Path
    ros: str
    tests: str

    @property
    def name(self) -> str:
        """The name of its folder and of its log."""
        return f'{self.ros}-python{self.version}'


def find_pythons(folders: list[Path]) -> dict[str, Path]:
    """
    Return the supported releases of Python that are in some folders, oldest first.

    A program that is there but does not run, such as a shim of pyenv, does not count.
    """
    return {
        version: path
        for version in PYTHONS
        for path in reversed([folder / f'python{version}' for folder in folders])
        if path.is_file() and _runs(path)
    }


def choose(
    pythons: Mapping[str, Path], default: tuple[str, Path]
) -> tuple[list[Environment], list[str]]:
    """
    Return the environments to test, and a line for each that is skipped.

    Kilted is combined with the newest Python besides the default one, and Jazzy, which the default
    Python has been tested with, with the oldest.
    """
    others = [(version, path) for version, path in pythons.items() if version != default[0]]
    newest = others[-1] if others else default
    environments = [Environment(*newest, 'kilted', _ROS_TESTS)]
    if others:
        environments.append(Environment(*others[0], 'jazzy', _PYTHON_TESTS))
    used = {default[0], *(environment.version for environment in environments)}
    return environments, [
        f'Python {version}: skipped, '
        + ('only the oldest and the newest are tested' if version in pythons else 'not installed')
        for version in PYTHONS
        if version not in used
    ]


def main() -> int:
    """Test every environment and return the exit code."""
    try:
        return _test_all()
    except KeyboardInterrupt:
        print('other environments: interrupted', file=sys.stderr)
        return 130


def _test_all() -> int:
    if 'ROS_DISTRO' in os.environ:
        print(
            'other environments: skipped, because they need wheels, and a distribution is sourced'
        )
        return 0
    environments, skipped = choose(find_pythons(_folders()), _default_python())
    print(*skipped, sep='\n', flush=True)
    with ThreadPoolExecutor() as pool:
        passed = list(pool.map(_test, environments))
    failed = [one.name for one, good in zip(environments, passed, strict=True) if not good]
    if failed:
        print(f'failed: {", ".join(failed)}', file=sys.stderr)
    return 1 if failed else 0


def _default_python() -> tuple[str, Path]:
    return f'{sys.version_info.major}.{sys.version_info.minor}', Path(sys.executable)


def _folders() -> list[Path]:
    """Return where to look for Pythons: in PATH, and in the folders of pyenv."""
    pyenv = Path(os.environ.get('PYENV_ROOT') or Path.home() / '.pyenv')
    return [
        *map(Path, os.environ.get('PATH', '').split(os.pathsep)),
        *sorted(pyenv.glob('versions/*/bin')),
    ]


def _runs(python: Path) -> bool:
    """Return whether a Python runs and can create environments."""
    command = [str(python), '-c', 'import ensurepip, venv']
    return subprocess.run(command, capture_output=True).returncode == 0


def _test(environment: Environment) -> bool:
    """Run the demo and the tests in an environment; return whether they passed."""
    folder = _FOLDER / environment.name
    _copy_sources(folder)
    start = time.monotonic()
    with open(f'{folder}.log', 'w+', encoding='utf-8') as log:
        passed = all(
            _make(environment, folder, log.fileno(), *arguments)
            for arguments in (['demo'], ['test', f'ONLY={environment.tests}', 'TEST_PROCESSES=2'])
        )
        log.seek(0)
        lines = log.read().splitlines()
    summary = [line for line in lines if line.startswith('found people in') or ' passed' in line]
    verdict = f'{"passed" if passed else "FAILED"} in {time.monotonic() - start:.0f} s'
    title = f'ROS 2 {environment.ros} on Python {environment.version}: {verdict}'
    # One call, so that the lines of two environments do not mix.
    print('\n  '.join([title, *(summary if passed else lines)]), flush=True)
    return passed


def _make(environment: Environment, folder: Path, log: int, *arguments: str) -> bool:
    """Run make in an environment and return whether it succeeded."""
    done = subprocess.run(
        ['make', *arguments, f'PYTHON={environment.python}', f'ROS={environment.ros}'],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name not in _ACTIVATED},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    return done.returncode == 0


def _copy_sources(folder: Path) -> None:
    """Copy the files that git does not ignore. An environment of an earlier run stays."""
    folder.mkdir(parents=True, exist_ok=True)
    # colcon must not find the copies.
    (_FOLDER / 'COLCON_IGNORE').touch()
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name != '.venv':
                shutil.rmtree(path)
        else:
            path.unlink()
    listed = subprocess.run(
        ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        cwd=_ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for name in filter(None, listed.stdout.split('\0')):
        if (_ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(_ROOT / name, folder / name)


if __name__ == '__main__':
    sys.exit(main())
