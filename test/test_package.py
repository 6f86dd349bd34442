"""What colcon and pip install."""

import os
from pathlib import Path
import shutil
import subprocess
import sys

from ament_index_python import get_package_prefix
from golden import ROOT
import pytest


def run(*command: object, folder: Path, **environment: str) -> str:
    """Run a command and return its output; if it fails, the test fails and shows the output."""
    arguments = [str(word) for word in command]
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f'{arguments} failed: {done.stdout}'
    return done.stdout


def copy_container_sources(folder: Path) -> Path:
    """Copy the files that .dockerignore leaves in a container, and return their folder."""
    folder.mkdir()
    for line in (ROOT / '.dockerignore').read_text().splitlines():
        if line.startswith('!'):
            path = ROOT / line[1:]
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, folder / path.name)
    return folder


@pytest.fixture(scope='module', params=['copied', 'linked'])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package with colcon: once as in a container, with copies, and once with links."""
    if shutil.which('colcon') is None:
        pytest.skip('colcon is not installed')
    workspace = tmp_path_factory.mktemp('workspace')
    linked = request.param == 'linked'
    sources = ROOT if linked else copy_container_sources(workspace / 'src')
    ours = get_package_prefix('posenet_ros')
    prefixes = os.environ['AMENT_PREFIX_PATH'].split(os.pathsep)
    underlay = os.pathsep.join(prefix for prefix in prefixes if prefix != ours)
    run(
        *('colcon', 'build', '--base-paths', sources, '--packages-select', 'posenet_ros'),
        *(['--symlink-install'] if linked else []),
        *('--cmake-args', f'-DPython3_EXECUTABLE={sys.executable}', '-DBUILD_TESTING=OFF'),
        folder=workspace,
        AMENT_PREFIX_PATH=underlay,
        CMAKE_PREFIX_PATH=underlay,
    )
    return workspace / 'install' / 'posenet_ros'


@pytest.mark.parametrize(
    'path',
    [
        'bin/posenet',
        'lib/posenet_ros/hri_bodies',
        'lib/posenet_ros/image_source',
        'lib/posenet_ros/posenet_node',
        'share/ament_index/resource_index/packages/posenet_ros',
        'share/posenet_ros/LICENSE',
        'share/posenet_ros/config/fastdds_images.xml',
        'share/posenet_ros/config/fastdds_network.xml',
        'share/posenet_ros/config/foxglove.json',
        'share/posenet_ros/config/posenet.yaml',
        'share/posenet_ros/launch/posenet.launch.py',
        'share/posenet_ros/msg/Pose3DArray.msg',
        'share/posenet_ros/msg/PoseArray.msg',
        'share/posenet_ros/package.xml',
        'share/posenet_ros/rviz/posenet.rviz',
    ],
)
def test_everything_a_user_needs_is_installed(installed: Path, path: str) -> None:
    assert (installed / path).is_file()


def test_the_definitions_of_the_messages_are_installed_for_programs_without_ros(
    installed: Path,
) -> None:
    (folder,) = installed.glob('lib/python3*/site-packages/posenet_ros/message_definitions')
    assert {path.name for path in folder.iterdir()} == {
        path.name for path in ROOT.glob('msg/*.msg')
    }


def test_the_library_and_the_messages_are_one_python_package(installed: Path) -> None:
    (package,) = installed.glob('lib/python3*/site-packages/posenet_ros')
    code = 'import posenet_ros.msg, posenet_ros.ros.posenet_node as node; print(node.__file__)'
    paths = os.pathsep.join([str(package.parent), os.environ.get('PYTHONPATH', '')])
    libraries = os.pathsep.join([str(installed / 'lib'), os.environ.get('LD_LIBRARY_PATH', '')])
    printed = run(
        *(sys.executable, '-c', code),
        folder=installed,
        PYTHONPATH=paths,
        LD_LIBRARY_PATH=libraries,
    )
    assert printed.strip() == str(package / 'ros' / 'posenet_node.py')


def test_pip_installs_the_library_and_the_command_without_ros(tmp_path: Path) -> None:
    source, target = tmp_path / 'source', tmp_path / 'target'
    for name in ('posenet_ros', 'msg'):
        shutil.copytree(ROOT / name, source / name)
    for name in ('setup.py', 'pyproject.toml', 'package.xml', 'MANIFEST.in'):
        shutil.copy(ROOT / name, source)
    options = ['--no-deps', '--no-build-isolation', '--quiet', '--target', target]
    run(sys.executable, '-m', 'pip', 'install', *options, source, folder=tmp_path)
    installed = {path.relative_to(target) for path in (target / 'posenet_ros').rglob('*.py')}
    sources = {path.relative_to(ROOT) for path in (ROOT / 'posenet_ros').rglob('*.py')}
    assert installed == {path for path in sources if path.parts[1] != 'ros'}
    assert (target / 'posenet_ros' / 'posenet' / 'weights' / 'calibration.jpg').is_file()
    definitions = target / 'posenet_ros' / 'message_definitions'
    assert {path.name for path in definitions.glob('*.msg')} == {
        path.name for path in ROOT.glob('msg/*.msg')
    }
    printed = run(target / 'bin' / 'posenet', 'models', folder=tmp_path, PYTHONPATH=str(target))
    assert 'mobilenet_v1_075' in printed
