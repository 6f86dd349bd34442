"""`posenet doctor`: report on this machine and on how the node would run here."""

import argparse
from importlib import metadata
import importlib.util
import os
from pathlib import Path
import platform
from xml.etree import ElementTree

from posenet_ros.cli.options import add_setting_option, Commands, read_quality, read_settings
from posenet_ros.cli.output import print_text
from posenet_ros.errors import PosenetError
from posenet_ros.estimation.loading import load_network
from posenet_ros.estimation.quality import QualitySettings
from posenet_ros.inference.execution_providers import ExecutionProvider, PROVIDERS
from posenet_ros.inference.machine.cpu_features import (
    cpu_flags,
    cpu_name,
    flags_for,
    PRECISION_FLAGS,
)
from posenet_ros.inference.machine.nvidia import find_driver
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import (
    installed_packages,
    is_built_in,
    load_packaged_libraries,
    missing_libraries,
)
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.weights.catalogue import Model, MODELS
from posenet_ros.posenet.weights.store import find_record, models_folder
from posenet_ros.settings import rows
from posenet_ros.shared_memory import describe as describe_shared_memory

_SUMMARY = 'report on this machine and on how the node would run here, for bug reports'
_DESCRIPTION = (
    'Report on the software, the GPUs, the CPU and the models on this machine, and on how the '
    'node would run with these settings. Include the output in bug reports. The exit code is 1 if '
    'the node would not start.'
)

_NO_START = 'the node would not start'


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('doctor', help=_SUMMARY, description=_DESCRIPTION)
    parser.set_defaults(run=run, parser=parser)
    for row in rows(QualitySettings) + rows(ModelSettings) + rows(RuntimeSettings):
        add_setting_option(parser, row)


def run(parsed: argparse.Namespace) -> int:
    """Print the report, and return the exit code: 1 if the node would not start."""
    model = read_settings(parsed, ModelSettings)
    runtime = read_settings(parsed, RuntimeSettings)
    lines = examine(model, runtime, quality=read_quality(parsed))
    print_text('\n'.join(lines))
    return int(any(line.startswith(_NO_START) for line in lines))


def examine(model: ModelSettings, runtime: RuntimeSettings, *, quality: str = 'fast') -> list[str]:
    """Return lines about this machine, and about how the node would run with these settings."""
    return [
        *_describe_software(),
        *_describe_providers(),
        *_describe_gpus(),
        *_describe_cpu(),
        *describe_shared_memory(os.environ),
        *(f'model {one.name}: {_describe_model(one)}' for one in MODELS.values()),
        *_describe_start(model, runtime, quality),
    ]


def _describe_software() -> list[str]:
    packages = installed_packages()
    lines = [
        f'posenet_ros: {find_version()}',
        f'python: {platform.python_version()}',
        f'system: {platform.platform()}',
        f'ROS: {os.environ.get("ROS_DISTRO") or _describe_wheels()}',
        f'onnxruntime: {onnxruntime.__version__}, from {", ".join(packages) or "no package"}',
    ]
    if len(packages) > 1:
        names = ' '.join(package.split()[0] for package in packages)
        lines.append(
            'PROBLEM: these packages overwrite each other; run: '
            f'pip uninstall -y {names}, then install one of them'
        )
    return lines


def _describe_wheels() -> str:
    installed = importlib.util.find_spec('rclpy') is not None
    return 'no distribution sourced' + (', but rclpy is installed' if installed else '')


def find_version() -> str:
    """Return the version from pip's metadata, or else from the ROS package's package.xml."""
    try:
        return metadata.version('posenet_ros')
    except metadata.PackageNotFoundError:
        for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep):
            manifest = Path(prefix) / 'share' / 'posenet_ros' / 'package.xml'
            if manifest.is_file():
                return ElementTree.parse(manifest).findtext('version') or 'unknown'
    return 'unknown'


def _describe_providers() -> list[str]:
    built_in = [provider for provider in PROVIDERS.values() if is_built_in(provider)]
    names = ', '.join(provider.name for provider in built_in)
    load_packaged_libraries()
    return [
        f'execution providers in this onnxruntime: {names}',
        *(_describe_libraries(provider) for provider in built_in if provider.library),
    ]


def _describe_libraries(provider: ExecutionProvider) -> str:
    missing = missing_libraries(provider)
    found = f'missing: {", ".join(missing)}' if missing else 'all found'
    return f'libraries of {provider.name}: {found}'


def _describe_gpus() -> list[str]:
    driver = find_driver()
    if driver is None:
        return ['NVIDIA driver: not found (cannot load libcuda.so.1)']
    lines = [f'NVIDIA driver: supports CUDA up to {driver.cuda}']
    if driver.error:
        lines.append(f'PROBLEM: the driver reports {driver.error}')
    return lines + [f'GPU {number}: {name}' for number, name in enumerate(driver.devices)]


def _describe_cpu() -> list[str]:
    flags = cpu_flags()
    lines = [f'CPU: {cpu_name()}, {os.cpu_count()} cores']
    for precision in PRECISION_FLAGS:
        found = ', '.join(flags_for(precision, flags)) or 'none'
        lines.append(f'CPU instructions for {precision}: {found}')
    return lines


def _describe_model(model: Model) -> str:
    try:
        record = find_record(model)
    except PosenetError as error:
        return f'broken: {error}'
    if record is None:
        return 'not downloaded'
    return f'{", ".join(sorted(record.graphs))} in {models_folder() / model.name}'


def _describe_start(model: ModelSettings, runtime: RuntimeSettings, quality: str) -> list[str]:
    """Load the network as the node would, and return lines about the result."""
    values = {'quality': quality}
    values |= {row.name: getattr(model, row.name) for row in rows(ModelSettings)}
    values |= {row.name: getattr(runtime, row.name) for row in rows(RuntimeSettings)}
    lines = [f'settings: {", ".join(f"{name}: {value}" for name, value in values.items())}']
    reported: list[str] = []
    try:
        network = load_network(model, runtime, report=reported.append)
        lines.append(f'the node would use: {network.execution_provider}')
    except PosenetError as error:
        lines.append(f'{_NO_START}: {error}')
    return lines + [f'the node would log: {line}' for line in reported]
