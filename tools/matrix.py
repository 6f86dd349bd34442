"""
Check that all requirements have wheels for every Python and every ROS 2 distribution.

`make matrix` runs this program. It resolves the requirements of each combination, without
installing them, as pip would on Linux on x86_64, whatever Python runs it. Output: one line for
each combination. Exit code: 1 if one of them cannot be resolved, with pip's reason.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import json
from pathlib import Path
import subprocess
import sys
import tempfile

_ROOT = Path(__file__).parent.parent
_REQUIREMENTS = _ROOT / 'requirements'
#: The releases of Python that the package supports.
PYTHONS = ('3.10', '3.11', '3.12', '3.13', '3.14')
#: The ROS 2 distributions that exist as wheels.
DISTRIBUTIONS = sorted(path.stem.removeprefix('ros-') for path in _REQUIREMENTS.glob('ros-*.txt'))
# What is installed besides ROS 2 and ONNX Runtime.
_COMMON = ('build', 'run', 'test', 'lint', 'accuracy', 'bench', 'tracking')
# Pure Python packages that have no wheels, only sources that pip builds.
_WITHOUT_WHEELS = ('empy<4', 'empy', 'flake8-quotes')
# Combinations that are known to have no wheels; they do not count as a failure.
_KNOWN_MISSING = {'Python 3.14, onnxruntime-openvino'}
# Resolving mostly waits for the network.
_AT_ONCE = 4
# pip accepts the wheels of a manylinux platform only if it is named. Ubuntu 22.04, the oldest
# system with Python 3.10, has glibc 2.35.
_PLATFORMS = ['manylinux2014_x86_64', *(f'manylinux_2_{minor}_x86_64' for minor in range(17, 36))]
# pip 26.3 and older evaluate markers such as python_version < "3.14" for the Python that runs pip,
# even with --python-version. This program runs pip with the markers of the wanted Python. It is
# unnecessary once --python-version changes the markers, too (pip's issue 11664).
_PIP_WITH_MARKERS = """
import sys
from pip._vendor.packaging import markers
python = sys.argv.pop(1)
wanted = {**markers.default_environment(), 'python_version': python}
wanted['python_full_version'] = wanted['implementation_version'] = f'{python}.0'
markers.default_environment = lambda: dict(wanted)
from pip._internal.cli.main import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Combination:
    """A release of Python, and the requirement files that are installed together."""

    python: str
    name: str
    files: tuple[str, ...]

    def __str__(self) -> str:
        """Return the combination as the output names it."""
        return f'Python {self.python}, {self.name}'


def combinations() -> list[Combination]:
    """Return every combination: each distribution, and each other build of ONNX Runtime."""
    builds = sorted(path.stem for path in _REQUIREMENTS.glob('onnxruntime-*.txt'))
    return [
        Combination(python, name, files)
        for python in PYTHONS
        for name, files in [
            *((f'ROS 2 {ros}', (f'ros-{ros}', 'onnxruntime', *_COMMON)) for ros in DISTRIBUTIONS),
            *((build, (build, 'run')) for build in builds),
        ]
    ]


def main() -> int:
    """Resolve every combination and return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = _install_pip(folder / 'pip')
        wheels = folder / 'wheels'
        for requirement in _WITHOUT_WHEELS:
            command = [str(pip), '-m', 'pip', 'wheel', '--no-deps', '--wheel-dir', str(wheels)]
            subprocess.run([*command, requirement], check=True, capture_output=True)
        wanted = combinations()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            problems = list(pool.map(lambda one: _report(one, pip, wheels), wanted))
    failed = [problem for problem in problems if problem]
    print(f'{len(failed)} of {len(wanted)} combinations failed')
    return 1 if failed else 0


def _install_pip(folder: Path) -> Path:
    """Install the newest pip into an environment, and return its Python."""
    command = [sys.executable, '-m', 'venv', '--upgrade-deps', str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / 'bin' / 'python'


def _report(combination: Combination, pip: Path, wheels: Path) -> bool:
    """Print what pip would install for a combination; return whether it failed."""
    done = subprocess.run(
        [pip, '-c', _PIP_WITH_MARKERS, *_arguments(combination, wheels)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
    )
    missing = 'No matching distribution found' in done.stderr
    if done.returncode and missing and str(combination) in _KNOWN_MISSING:
        print(f'{combination}: no wheels exist (known)', flush=True)
        return False
    if done.returncode:
        print(f'{combination}: FAILED\n{done.stderr}', flush=True)
        return True
    print(f'{combination}: {_describe(done.stdout)}', flush=True)
    return False


def _arguments(combination: Combination, wheels: Path) -> Sequence[str | Path]:
    """Return the Python whose markers apply, and the arguments of pip."""
    return [
        *(combination.python, 'install', '--dry-run', '--quiet', '--quiet', '--report', '-'),
        # With a target, pip does not look at what is installed.
        *('--target', wheels / 'never', '--ignore-installed', '--only-binary=:all:'),
        *('--find-links', wheels, '--python-version', combination.python),
        *(f'--platform={platform}' for platform in _PLATFORMS),
        *(f'--requirement=requirements/{name}.txt' for name in combination.files),
    ]


def _describe(report: str) -> str:
    """Return the number of packages in pip's report, and the versions that differ most."""
    found = {
        one['metadata']['name']: one['metadata']['version']
        for one in json.loads(report)['install']
    }
    shown = [name for name in found if name == 'numpy' or name.startswith('onnxruntime')]
    versions = ', '.join(f'{name} {found[name]}' for name in sorted(shown))
    return f'{len(found)} packages, with {versions}'


if __name__ == '__main__':
    sys.exit(main())
