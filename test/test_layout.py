"""The layout in docs/architecture.md: imports go only upward, modules and folders are small."""

import ast
from collections import Counter
from pathlib import Path
import re
import sys

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / 'posenet_ros'

# Modules and subpackages, each with the packages that it may import besides the standard library.
LAYERS = {
    'errors': set(),
    'quoting': set(),
    'keypoints': set(),
    'poses': {'numpy'},
    'settings': set(),
    'regular_files': set(),
    'processes': set(),
    'image_decoding': {'numpy', 'cv2', 'PIL'},
    'image_files': {'numpy', 'cv2'},
    'frame_sources': {'numpy', 'cv2'},
    'videos': {'numpy', 'av'},
    'fastdds_profile': set(),
    'shared_memory': set(),
    'framing': {'numpy', 'cv2'},
    'boxes': {'numpy'},
    'inference': {'numpy', 'onnxruntime'},
    'posenet': {'numpy', 'onnx'},
    'estimation': {'numpy'},
    'tracking': {'numpy'},
    'attention': {'numpy'},
    'spatial': {'numpy', 'cv2'},
    'drawing': {'numpy', 'cv2'},
    'messages': {'numpy', 'cv2'},
    'bags': {'numpy', 'rosbags'},
    'cli': {'numpy', 'plotly', 'tqdm'},
    'ros': {
        'numpy', 'cv2', 'rclpy', 'cv_bridge', 'yaml',
        'diagnostic_msgs', 'foxglove_msgs', 'geometry_msgs', 'hri_msgs', 'rcl_interfaces',
        'sensor_msgs', 'std_msgs', 'tf2_msgs', 'tf2_ros', 'visualization_msgs',
    },
}  # fmt: skip
ORDER = list(LAYERS)
# The modules and subpackages of ros/, in the same way.
ROS_ORDER = [
    'log_text',
    'end_signals',
    'usage',
    'callbacks',
    'rclpy_release',
    'topics',
    'conversions',
    'threads',
    'pipeline',
    'diagnostics',
    'parameters',
    'transitions',
    'autostart',
    'hri',
    'posenet_node',
    'image_source',
    'hri_bodies',
    'freed_memory',
    'process',
]
MAX_LINES = 200
MAX_MODULES = 12
MODULES = sorted(path for path in PACKAGE.rglob('*.py') if path != PACKAGE / '__init__.py')
ROS = PACKAGE / 'ros'
ROS_MODULES = [path for path in ROS.rglob('*.py') if path != ROS / '__init__.py']


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix('.py')


def imports(path: Path) -> set[str]:
    """Return the full names of all modules that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= imported_by(node)
    return names


def imported_by(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Return the full names of the modules that a statement imports."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    assert node.level == 0, f'{ast.unparse(node)} is a relative import'
    base = str(node.module)
    return {f'{base}.{a.name}' if base == 'posenet_ros' else base for a in node.names}


@pytest.mark.parametrize('path', MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_only_upward(path: Path) -> None:
    layer = layer_of(path)
    for name in imports(path):
        first, _, rest = name.partition('.')
        if first == 'posenet_ros' and rest.split('.')[0] != 'msg':
            imported = rest.split('.')[0]
            assert ORDER.index(imported) <= ORDER.index(layer), f'{path} imports {name}'


def ros_imports(path: Path) -> set[str]:
    """Return the names of the modules and subpackages of ros/ that a module imports."""
    parts = [name.split('.') for name in imports(path)]
    return {part[2] for part in parts if part[:2] == ['posenet_ros', 'ros'] and len(part) > 2}


@pytest.mark.parametrize('path', ROS_MODULES, ids=lambda path: str(path.relative_to(ROS)))
def test_imports_within_ros_go_only_upward(path: Path) -> None:
    name = path.relative_to(ROS).as_posix()
    room = name.split('/')[0].removesuffix('.py')
    for imported in ros_imports(path):
        assert ROS_ORDER.index(imported) <= ROS_ORDER.index(room), f'{name} imports {imported}'


@pytest.mark.parametrize('path', MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_the_packages_of_its_layer(path: Path) -> None:
    packages = {name.split('.')[0] for name in imports(path)}
    assert packages - sys.stdlib_module_names - {'posenet_ros'} <= LAYERS[layer_of(path)]


def test_only_the_ros_layer_needs_messages() -> None:
    for path in MODULES:
        if layer_of(path) != 'ros':
            assert 'posenet_ros.msg' not in imports(path)


def test_only_the_modules_that_build_graphs_import_onnx_at_the_top() -> None:
    tops = [
        path.name
        for path in MODULES
        if any(
            name.split('.')[0] == 'onnx'
            for node in ast.parse(path.read_text()).body
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in imported_by(node)
        )
    ]
    assert tops == ['onnx_graph.py', 'quantized_graph.py']


def test_the_init_module_of_the_package_is_empty() -> None:
    assert (PACKAGE / '__init__.py').read_bytes() == b''


def test_no_subpackage_has_the_name_of_a_generated_package() -> None:
    assert not {path.name for path in PACKAGE.iterdir()} & {'msg', 'srv', 'action'}


def test_no_module_is_too_long() -> None:
    lengths = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text().splitlines())
        for path in MODULES
    }
    assert [name for name, length in lengths.items() if length > MAX_LINES] == []


def test_no_folder_has_too_many_modules() -> None:
    folders = Counter(path.parent for path in MODULES if path.name != '__init__.py')
    assert [str(path) for path, count in folders.items() if count > MAX_MODULES] == []


def test_functions_are_short() -> None:
    long = [
        f'{path.name}: {node.name}'
        for path in [*MODULES, *ROOT.glob('launch/*.py'), *ROOT.glob('demo/*.py')]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and code_lines(node) > 40
    ]
    assert long == []


def code_lines(function: ast.FunctionDef) -> int:
    """Return how many lines a function has below its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def steps_of_an_image() -> list[str]:
    """Return the modules that docs/architecture.md lists as the path of one image."""
    page = (ROOT / 'docs' / 'architecture.md').read_text()
    section = page.partition('## The path of one image')[2].partition('##')[0]
    return re.findall(r'^\| [^|]+ \| `([^`]+)` \|', section, re.MULTILINE)


def test_the_path_of_an_image_has_at_most_12_steps_and_visits_each_module_once() -> None:
    steps = steps_of_an_image()
    assert 7 <= len(steps) <= 12
    assert len(set(steps)) == len(steps)
    assert [step for step in steps if not (PACKAGE / step).is_file()] == []


def test_the_architecture_names_every_module() -> None:
    page = (ROOT / 'docs' / 'architecture.md').read_text()
    names = {path.stem for path in MODULES if path.name != '__init__.py'}
    subcommands = {path.stem for path in (PACKAGE / 'cli').glob('*.py')}
    missing = [name for name in names - subcommands if not re.search(rf'\b{name}\b', page)]
    assert missing == []
