"""On what was measured: the machine and the versions."""

from importlib.metadata import PackageNotFoundError, version
import os
from pathlib import Path
import platform
import re
from typing import Any

from ament_index_python import get_package_share_directory
from rclpy.utilities import get_rmw_implementation_identifier


def machine() -> dict[str, Any]:
    """Return CPU, cores, memory and kernel of this machine."""
    return {
        'cpu': _first('/proc/cpuinfo', r'model name\s*: (.*)') or platform.processor(),
        'cores': len(os.sched_getaffinity(0)),
        'memory_mb': int(_first('/proc/meminfo', r'MemTotal:\s*(\d+)') or 0) // 1024,
        'kernel': platform.release(),
        'system': platform.platform(),
    }


def load() -> float:
    """Return the load of the machine over the last minute: 0 is a quiet one."""
    return round(os.getloadavg()[0], 2)


def versions() -> dict[str, str]:
    """Return the versions of all that takes part."""
    return {
        'posenet_ros': _package_version('posenet_ros'),
        'python': platform.python_version(),
        **{name: _python_version(*names) for name, names in _DISTRIBUTIONS.items()},
        'ros': os.environ.get('ROS_DISTRO') or _ros_of_wheels(),
        'rclpy': _package_version('rclpy'),
        'rmw': get_rmw_implementation_identifier(),
        'rmw_version': _package_version(get_rmw_implementation_identifier()),
        'fastdds_profile': os.environ.get('FASTRTPS_DEFAULT_PROFILES_FILE', '').split('/')[-1],
    }


# Each may be installed under one of several names.
_DISTRIBUTIONS = {
    'onnxruntime': ('onnxruntime', 'onnxruntime-gpu', 'onnxruntime-openvino'),
    'numpy': ('numpy',),
    'opencv': ('opencv-python-headless', 'opencv-python', 'opencv'),
}


def _python_version(*names: str) -> str:
    for name in names:
        try:
            return f'{version(name)}' if name == names[0] else f'{version(name)} ({name})'
        except PackageNotFoundError:
            continue
    return 'unknown'


def _package_version(name: str) -> str:
    """Return the version in a ROS package's own description."""
    description = Path(get_package_share_directory(name)) / 'package.xml'
    return _first(str(description), r'<version[^>]*>([^<]+)') or 'unknown'


def _ros_of_wheels() -> str:
    try:
        version('ros-jazzy-rclpy')
    except PackageNotFoundError:
        return 'unknown'
    return 'jazzy (wheels)'


def _first(path: str, pattern: str) -> str | None:
    """Return what a pattern's group finds first in a file."""
    match = re.search(pattern, Path(path).read_text())
    return match[1].strip() if match else None
