"""package.xml and docker/Dockerfile: the dependencies that they name are those of the code."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re
import sys
import xml.etree.ElementTree as ElementTree

from golden import ROOT
import pytest

MANIFEST = ElementTree.parse(ROOT / 'package.xml').getroot()
DOCKERFILE = ROOT / 'docker' / 'Dockerfile'
# rosdep keys of Python packages, with the module that they install. The key of a ROS package is
# also the name of its module.
MODULES = {
    'python3-hypothesis': 'hypothesis',
    'python3-numpy': 'numpy',
    'python3-onnxruntime-pip': 'onnxruntime',
    'python3-opencv': 'cv2',
    'python3-packaging': 'packaging',
    'python3-pil': 'PIL',
    'python3-pytest': 'pytest',
    'python3-setuptools': 'setuptools',
    'python3-skimage': 'skimage',
    'python3-tqdm': 'tqdm',
    'python3-yaml': 'yaml',
    'tf2_ros_py': 'tf2_ros',
}
# What is needed but not imported by a Python file: commands, builds and packaging tools.
NOT_IMPORTED = {
    'ament_cmake',
    'ament_cmake_python',
    'ament_cmake_pytest',
    'launch_pytest',  # imported with pytest.importorskip
    'ros2launch',
    'rosidl_default_generators',
    'rosidl_default_runtime',
    'setuptools',  # builds the package that test_package.py installs with pip
}
# They have no rosdep key; the README and the Dockerfile install them with pip.
WITHOUT_KEY = {'onnx', 'rosbags'}
# Only some users need them. Not every distribution has those of ROS; av has 100 MB.
OPTIONAL = {'av', 'foxglove_msgs', 'hri_msgs', 'plotly'}


def keys(*kinds: str) -> list[str]:
    """Return the dependencies of these kinds, such as `exec`."""
    tags = {'depend' if kind == 'all' else f'{kind}_depend' for kind in kinds}
    return [element.text or '' for element in MANIFEST if element.tag in tags]


def modules(*kinds: str) -> set[str]:
    """Return the Python modules of these dependencies."""
    return {MODULES.get(key, key) for key in keys(*kinds)}


def imported(*folders: str) -> set[str]:
    """Return the names of all packages of others that the files in some folders import."""
    names = {
        name.partition('.')[0]
        for folder in folders
        for path in (ROOT / folder).rglob('*')
        if path.suffix == '.py' or path.parent.name == 'scripts'
        for name in imports(path)
    }
    return names - set(sys.stdlib_module_names) - local_modules()


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ''


def local_modules() -> set[str]:
    """Return the names of our own modules and packages that tests import."""
    folders = (ROOT, ROOT / 'test' / 'support', ROOT / 'benchmark', ROOT / 'tools')
    own = {path.stem for folder in folders for path in folder.glob('*.py')}
    packages = {
        path.name
        for folder in ('benchmark', 'tools')
        for path in (ROOT / folder).iterdir()
        if path.is_dir()
    }
    return own | packages | {'posenet_ros', 'torture'}


def test_everything_that_the_package_imports_is_a_dependency() -> None:
    used = imported('posenet_ros', 'scripts', 'launch')
    assert used - modules('all', 'exec') == WITHOUT_KEY | OPTIONAL


def test_everything_that_the_tests_import_is_a_dependency() -> None:
    assert imported('test') - modules('all', 'exec', 'test') == WITHOUT_KEY | {'av'}


def test_every_dependency_is_used() -> None:
    used = imported('posenet_ros', 'scripts', 'launch') | NOT_IMPORTED
    assert modules('all', 'exec', 'buildtool') - used == set()
    tested = imported('test') | NOT_IMPORTED
    assert modules('test') - tested == set()


def test_no_test_dependency_is_already_a_dependency() -> None:
    assert set(keys('test')) & set(keys('all', 'exec')) == set()


def test_the_manifest_is_valid() -> None:
    manifests = pytest.importorskip('catkin_pkg.package', reason='catkin_pkg is not installed')
    warnings: list[str] = []
    package = manifests.parse_package(str(ROOT / 'package.xml'), warnings=warnings)
    package.validate(warnings=warnings)
    assert warnings == []
    assert [(ROOT / license_.file).is_file() for license_ in package.licenses] == [True]


def test_the_container_gets_its_dependencies_from_the_manifest() -> None:
    text = DOCKERFILE.read_text()
    assert 'COPY package.xml src/posenet_ros/' in text
    assert 'rosdep install --from-paths src --ignore-src -y' in text
    for kind in ('buildtool', 'build', 'exec'):
        assert f'--dependency-types={kind}' in text
    (packages,) = re.findall(r'apt-get install -y --no-install-recommends ([^\\]+)', text)
    assert packages.split() == ['python3-pip']


def test_the_container_gets_with_pip_only_what_has_no_rosdep_key() -> None:
    (installed,) = re.findall(r'pip3 install (.+) \\', DOCKERFILE.read_text())
    requirements = re.findall(r"'([^']+)'", installed)
    assert {one.partition('>')[0] for one in requirements} == WITHOUT_KEY
    assert set(requirements) <= set((ROOT / 'requirements' / 'run.txt').read_text().splitlines())


def test_pip_keeps_the_numpy_of_the_distribution_in_the_container() -> None:
    text = DOCKERFILE.read_text()
    constrained = text.index('> "$PIP_CONSTRAINT"')
    assert text.index('ENV PIP_BREAK_SYSTEM_PACKAGES=1') < constrained
    assert constrained < text.index('&& rosdep install') < text.index('&& pip3 install')


def test_the_size_of_shared_memory_is_the_same_in_the_dockerfile_and_the_readme() -> None:
    (size,) = re.findall(r'--shm-size=(\w+)', DOCKERFILE.read_text())
    assert set(re.findall(r'--shm-size=(\w+)', (ROOT / 'README.md').read_text())) == {size}
