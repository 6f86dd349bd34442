"""What is there to run the network with, and what would run it: text for a bug report."""

from importlib import metadata
import os
from pathlib import Path
import platform
from xml.etree import ElementTree

from posenet_ros.errors import ModelLoadError, PosenetError
from posenet_ros.estimation import load_network
from posenet_ros.inference.cpu_features import cpu_flags, cpu_name, flags_for, PRECISION_FLAGS
from posenet_ros.inference.execution_providers import ExecutionProvider, PROVIDERS
from posenet_ros.inference.nvidia import find_driver
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import (
    installed_packages,
    is_built_in,
    load_packaged_libraries,
    missing_libraries,
)
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import Model, MODELS
from posenet_ros.settings import rows


def examine(model: ModelSettings, runtime: RuntimeSettings) -> list[str]:
    """Return lines about this machine, and about what these settings come to on it."""
    return [
        *_software(),
        *_providers(),
        *_gpu(),
        *_cpu(),
        *(f'model {one.name}: {_state(one)}' for one in MODELS.values()),
        *_outcome(model, runtime),
    ]


def _software() -> list[str]:
    packages = installed_packages()
    lines = [
        f'posenet_ros: {_version()}',
        f'python: {platform.python_version()}',
        f'system: {platform.platform()}',
        f'ROS: {os.environ.get("ROS_DISTRO", "no distribution sourced")}',
        f'onnxruntime: {onnxruntime.__version__}, from {", ".join(packages) or "no package"}',
    ]
    if len(packages) > 1:
        names = ' '.join(package.split()[0] for package in packages)
        lines.append(
            'PROBLEM: these packages overwrite each other; '
            f'pip uninstall -y {names}, then install one of them'
        )
    return lines


def _version() -> str:
    """Return the version as pip knows it, or else as the ROS package's manifest says."""
    try:
        return metadata.version('posenet_ros')
    except metadata.PackageNotFoundError:
        for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep):
            manifest = Path(prefix) / 'share' / 'posenet_ros' / 'package.xml'
            if manifest.is_file():
                return ElementTree.parse(manifest).findtext('version') or 'unknown'
    return 'unknown'


def _providers() -> list[str]:
    built_in = [row for row in PROVIDERS.values() if is_built_in(row)]
    lines = [f'execution providers built in: {", ".join(row.name for row in built_in)}']
    load_packaged_libraries()
    return lines + [_libraries(row) for row in built_in if row.library]


def _libraries(provider: ExecutionProvider) -> str:
    missing = missing_libraries(provider)
    found = f'missing: {", ".join(missing)}' if missing else 'all found'
    return f'libraries of {provider.name}: {found}'


def _gpu() -> list[str]:
    driver = find_driver()
    if driver is None:
        return ['NVIDIA driver: none (libcuda.so.1 cannot be loaded)']
    lines = [f'NVIDIA driver: for CUDA up to {driver.cuda}']
    if driver.error:
        lines.append(f'PROBLEM: the driver says {driver.error}')
    return lines + [f'GPU {number}: {name}' for number, name in enumerate(driver.devices)]


def _cpu() -> list[str]:
    flags = cpu_flags()
    lines = [f'CPU: {cpu_name()}, {os.cpu_count()} cores']
    for precision in PRECISION_FLAGS:
        found = ', '.join(flags_for(precision, flags)) or 'no instructions for it'
        lines.append(f'CPU {precision}: {found}')
    return lines


def _state(model: Model) -> str:
    try:
        record = store.read_record(model)
    except ModelLoadError as error:
        return f'broken: {error}'
    if record is None:
        return 'not downloaded'
    return f'{", ".join(sorted(record.graphs))} in {store.models_folder() / model.name}'


def _outcome(model: ModelSettings, runtime: RuntimeSettings) -> list[str]:
    """Load the network as the node would, and tell what came of it."""
    values = {row.name: getattr(model, row.name) for row in rows(ModelSettings)}
    values |= {row.name: getattr(runtime, row.name) for row in rows(RuntimeSettings)}
    lines = [f'settings: {", ".join(f"{name}: {value}" for name, value in values.items())}']
    told: list[str] = []
    try:
        network = load_network(model, runtime, report=told.append)
        lines.append(f'the node would use: {network.execution_provider}')
    except PosenetError as error:
        lines.append(f'the node would not start: {error}')
    return lines + [f'and say: {line}' for line in told]
