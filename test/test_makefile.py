"""The Makefile: what it installs for whom, and when it creates the environment again."""

from pathlib import Path
import re
import shlex
import shutil
import subprocess

from golden import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
import pytest

REQUIREMENTS = sorted(path.name for path in (ROOT / 'requirements').glob('*.txt'))
DISTRIBUTIONS = ('jazzy', 'kilted')


def requirements(*names: str) -> list[Requirement]:
    """Return what some files in requirements/ list."""
    lines = [
        line.strip()
        for name in names
        for line in (ROOT / 'requirements' / name).read_text().splitlines()
    ]
    return [Requirement(line) for line in lines if line and not line.startswith('#')]


def dry_run(
    folder: Path, *arguments: str, **environment: str
) -> 'subprocess.CompletedProcess[str]':
    """Run make in a folder, which only prints its commands."""
    return subprocess.run(
        ['make', '--dry-run', '--no-print-directory', *arguments],
        cwd=folder,
        env={'PATH': '/usr/bin:/bin', **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project that is not set up."""
    for name in ('Makefile', 'CMakeLists.txt', 'package.xml', 'LICENSE', 'NOTICE'):
        shutil.copy(ROOT / name, tmp_path)
    for name in ('requirements', 'tools', 'msg', 'launch', 'config', 'rviz', 'scripts'):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / 'posenet_ros').mkdir()
    return tmp_path


def installed_files(folder: Path, *arguments: str) -> set[str]:
    """Return the requirement files that make installs on a new machine."""
    done = dry_run(folder, *arguments)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r'-r requirements/(\S+)', done.stdout))


@pytest.mark.parametrize('target', ['demo', 'setup'])
@pytest.mark.parametrize('ros', DISTRIBUTIONS)
def test_the_demo_installs_neither_linters_nor_what_only_tests_need(
    target: str, ros: str, project: Path
) -> None:
    files = installed_files(project, target, f'ROS={ros}', 'ONNXRUNTIME=onnxruntime')
    assert files == {f'ros-{ros}.txt', 'build.txt', 'run.txt', 'onnxruntime.txt'}
    names = {canonicalize_name(one.name) for one in requirements(*files)}
    others = requirements('lint.txt', 'test.txt', 'accuracy.txt', 'bench.txt', 'tracking.txt')
    assert names & {canonicalize_name(one.name) for one in others} == set()


def test_every_requirement_file_is_used(project: Path) -> None:
    builds = [name.removesuffix('.txt') for name in REQUIREMENTS if name.startswith('onnx')]
    used = {
        name
        for target in ('test', 'accuracy', 'bench', 'tracking')
        for ros in DISTRIBUTIONS
        for build in builds
        for name in installed_files(
            project, target, f'ROS={ros}', f'ONNXRUNTIME={build}', 'COCO=folder'
        )
    }
    assert sorted(used) == REQUIREMENTS


def test_without_a_folder_accuracy_installs_nothing_and_says_what_to_download(
    project: Path,
) -> None:
    before = sorted(project.rglob('*'))
    done = subprocess.run(
        ['make', 'accuracy', 'PYTHON=python3'],
        cwd=project,
        env={'PATH': '/usr/bin:/bin', 'PYTHONDONTWRITEBYTECODE': '1'},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert (done.stdout, sorted(project.rglob('*'))) == ('', before)
    for fact in ('val2017.zip', 'make accuracy COCO=', 'vtest.avi', 'make accuracy VIDEOS='):
        assert fact in done.stderr


@pytest.mark.parametrize('folder', ['COCO=coco', 'VIDEOS=videos'])
def test_with_a_folder_accuracy_is_measured(folder: str, project: Path) -> None:
    assert 'tools/accuracy.py' in dry_run(project, 'accuracy', folder).stdout


@pytest.mark.parametrize(
    'target',
    [
        'demo',
        'test',
        'test-gpu-wheel',
        'lint',
        'bench',
        'torture',
        'tracking',
        'gpu-check',
        'clean',
    ],
)
def test_the_path_of_the_project_may_contain_a_space(
    target: str, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp('parent') / 'my dir'
    shutil.copytree(project, folder)
    done = dry_run(folder, target)
    assert done.returncode == 0, done.stderr
    words = shlex.split(done.stdout, comments=True)
    assert [word for word in words if 'parent' in word and str(folder) not in word] == []
    assert dry_run(project, target).stdout.replace(str(project), str(folder)) == done.stdout


def test_the_gpu_check_gets_its_options(project: Path) -> None:
    done = dry_run(project, 'gpu-check', 'ONLY=doctor shapes', 'QUICK=1', 'PROVIDER=cpu')
    command = ' '.join(done.stdout.replace('\\\n', ' ').split())
    assert 'tools/gpu_check.py --only doctor shapes --quick --provider cpu' in command


@pytest.mark.parametrize('ros', ['foo', '', 'jazzy kilted', '%'])
def test_an_unknown_distribution_is_refused_with_one_line_that_lists_the_others(
    ros: str, project: Path
) -> None:
    done = dry_run(project, 'demo', f'ROS={ros}')
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert f"no wheels of ROS='{ros}'; set ROS to one of: jazzy kilted" in line


def test_another_distribution_than_the_sourced_one_is_refused_with_one_line(
    project: Path,
) -> None:
    done = dry_run(project, 'demo', 'ROS=kilted', ROS_DISTRO='humble')
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "ROS='kilted' contradicts the sourced distribution, humble" in line


def test_a_sourced_distribution_is_used_and_no_wheels_of_ros(project: Path) -> None:
    done = dry_run(project, 'demo', 'ONNXRUNTIME=onnxruntime', ROS_DISTRO='humble')
    assert done.returncode == 0, done.stderr
    files = set(re.findall(r'-r requirements/(\S+)', done.stdout))
    assert files == {'run.txt', 'onnxruntime.txt'}


@pytest.fixture
def set_up(project: Path) -> Path:
    """Return a project that `make setup` seems to have set up."""
    commands = dry_run(project, 'setup').stdout
    for path in re.findall(r'^touch (\S+)', commands, re.MULTILINE):
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).touch()
    return project


def creates_environment(folder: Path, *arguments: str, **environment: str) -> bool:
    """Return whether make creates the environment again."""
    done = dry_run(folder, 'demo', *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return '-m venv --clear' in done.stdout


def test_the_environment_is_created_again_if_the_distribution_changes(set_up: Path) -> None:
    assert not creates_environment(set_up)
    assert not creates_environment(set_up, 'ROS=jazzy')
    assert creates_environment(set_up, 'ROS=kilted')
    assert creates_environment(set_up, ROS_DISTRO='jazzy')


def test_the_environment_is_created_again_if_the_version_of_python_changes(
    set_up: Path,
) -> None:
    other = set_up / 'python'
    other.write_text('#!/bin/sh\necho 3.99\n')
    other.chmod(0o755)
    assert creates_environment(set_up, f'PYTHON={other}')


@pytest.mark.parametrize('name', REQUIREMENTS)
def test_no_requirement_needs_an_older_numpy_on_python_3_14(name: str) -> None:
    wanted = {
        canonicalize_name(one.name): one
        for one in requirements(name)
        if one.marker is None or one.marker.evaluate({'python_version': '3.14'})
    }
    # It depends on NumPy older than 2.3.
    assert 'cv-bridge' not in wanted
    numpy = wanted.get(canonicalize_name('numpy'))
    assert '2.3.2' in (numpy.specifier if numpy else SpecifierSet())


def test_types_are_checked_only_with_the_releases_that_they_are_written_for(
    project: Path,
) -> None:
    assert re.search(r'&& mypy$', dry_run(project, 'lint').stdout, re.MULTILINE)
    other = dry_run(project, 'lint', 'ROS=kilted').stdout
    assert not re.search(r'&& mypy$', other, re.MULTILINE)
    assert 'mypy is skipped: types are checked only with' in other
