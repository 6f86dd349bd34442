"""The layout of docs/architecture.md: imports go only upward in its list."""

import ast
from pathlib import Path
import sys

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / 'posenet_ros'

# Modules and subpackages, each with what it may import besides the standard library.
LAYERS = {
    'errors': set(),
    'keypoints': set(),
    'poses': {'numpy'},
    'settings': set(),
    'image_files': {'numpy', 'cv2'},
    'framing': {'numpy', 'cv2'},
    'inference': {'numpy', 'onnxruntime'},
    'posenet': {'numpy', 'onnx'},
    'estimation': {'numpy'},
    'drawing': {'numpy', 'cv2'},
    'cli': {'numpy', 'tqdm'},
    'ros': {
        'numpy', 'cv2', 'rclpy', 'cv_bridge', 'yaml',
        'diagnostic_msgs', 'geometry_msgs', 'rcl_interfaces', 'sensor_msgs', 'std_msgs',
        'visualization_msgs',
    },
}  # fmt: skip
# Moved in a step of its own: inference still knows the heads and the cache of PoseNet.
NOT_YET = {('inference', 'posenet')}
ORDER = list(LAYERS)
MODULES = sorted(path for path in PACKAGE.rglob('*.py') if path != PACKAGE / '__init__.py')


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
            allowed = ORDER.index(imported) <= ORDER.index(layer) or (layer, imported) in NOT_YET
            assert allowed, f'{path} imports {name}'


@pytest.mark.parametrize('path', MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_the_packages_of_its_layer(path: Path) -> None:
    packages = {name.split('.')[0] for name in imports(path)}
    assert packages - sys.stdlib_module_names - {'posenet_ros'} <= LAYERS[layer_of(path)]


def test_only_the_ros_layer_needs_messages() -> None:
    for path in MODULES:
        if layer_of(path) != 'ros':
            assert 'posenet_ros.msg' not in imports(path)


def test_only_the_modules_of_graphs_import_onnx_at_their_top() -> None:
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


def test_the_packages_init_is_empty() -> None:
    assert (PACKAGE / '__init__.py').read_bytes() == b''


def test_no_subpackage_has_a_name_that_the_message_generator_takes() -> None:
    assert not {path.name for path in PACKAGE.iterdir()} & {'msg', 'srv', 'action'}


def test_a_module_is_one_thing() -> None:
    assert [path.name for path in MODULES if len(path.read_text().splitlines()) > 300] == []


def test_a_function_is_one_thought() -> None:
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
