"""The rule of posenet_ros/estimation/__init__.py: a name is public if it is in an `__all__`."""

import ast
import importlib
from pathlib import Path
import re

from golden import ROOT
from made_videos import walking_frames, write_video
import pytest

PACKAGE = ROOT / 'posenet_ros'
# All public modules.
PUBLIC = [
    'posenet_ros.attention',
    'posenet_ros.boxes',
    'posenet_ros.drawing',
    'posenet_ros.errors',
    'posenet_ros.estimation',
    'posenet_ros.image_decoding',
    'posenet_ros.image_files',
    'posenet_ros.keypoints',
    'posenet_ros.poses',
    'posenet_ros.spatial',
    'posenet_ros.tracking',
    'posenet_ros.videos',
]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix('').parts
    return '.'.join(part for part in parts if part != '__init__')


def has_all(path: Path) -> bool:
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == '__all__' for target in node.targets)
        for node in ast.parse(path.read_text()).body
    )


def public_names(name: str) -> list[str]:
    names: list[str] = importlib.import_module(name).__all__
    return names


@pytest.fixture(scope='module')
def example() -> str:
    """Return the Python examples in the README's section about the library, which go together."""
    chapter = (ROOT / 'README.md').read_text().split('\n## Without ROS\n')[1].split('\n## ')[0]
    return ''.join(re.findall(r'```python\n(.*?)```', chapter, re.DOTALL))


def test_only_public_modules_have_an_all() -> None:
    assert sorted(module_name(path) for path in PACKAGE.rglob('*.py') if has_all(path)) == PUBLIC


@pytest.mark.parametrize('name', PUBLIC)
def test_every_public_name_can_be_imported(name: str) -> None:
    module = importlib.import_module(name)
    assert [one for one in public_names(name) if not hasattr(module, one)] == []


@pytest.mark.parametrize('name', ['boxes', 'errors', 'image_files', 'keypoints', 'poses'])
def test_everything_that_a_public_module_defines_is_public(name: str) -> None:
    defined = {
        name
        for node in ast.parse((PACKAGE / f'{name}.py').read_text()).body
        for name in names_defined_by(node)
    }
    assert {one for one in defined if not one.startswith('_')} == set(
        public_names(f'posenet_ros.{name}')
    )


def names_defined_by(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def test_the_example_of_the_readme_imports_only_public_names(example: str) -> None:
    imported = [
        (str(node.module), alias.name)
        for node in ast.walk(ast.parse(example))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith('posenet_ros')
        for alias in node.names
    ]
    assert imported
    for module, name in imported:
        assert module in PUBLIC
        assert name in public_names(module)


@pytest.mark.usefixtures('network_075')
def test_the_example_of_the_readme_prints_poses(
    example: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for folder in ('demo', 'posenet_ros'):
        (tmp_path / folder).symlink_to(ROOT / folder)
    write_video(tmp_path / 'walk.mp4', walking_frames(4), rate=10)
    monkeypatch.chdir(tmp_path)
    exec(example, {})
    out = capsys.readouterr().out
    # One person in the first picture, two in the second.
    assert len(re.findall(r'^0\.\d+ \[\[', out, re.MULTILINE)) == 3
    # The person in the video has an id from the third frame on.
    found = re.findall(r'^(0\.\d0) s: person (\d) \[\[', out, re.MULTILINE)
    assert found == [('0.00', '0'), ('0.10', '0'), ('0.20', '1'), ('0.30', '1')]


def test_the_readme_names_every_public_module() -> None:
    chapter = (ROOT / 'README.md').read_text().split('The public modules are')[1].split(';')[0]
    named = re.findall(r'`(?:posenet_ros\.)?(\w+)`', chapter)
    assert sorted(f'posenet_ros.{name}' for name in named) == PUBLIC
