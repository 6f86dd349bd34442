"""The machine on which the benchmark runs: hardware, load, and versions of the software."""

from importlib.metadata import distributions, PackageNotFoundError, version
import os
from pathlib import Path
import platform
import re
from typing import Any

from ament_index_python import get_package_share_directory
from rclpy.utilities import get_rmw_implementation_identifier

from posenet_ros.fastdds_profile import find_profile

#: At this load average per core or more, other programs distort the measurement.
BUSY_LOAD_PER_CORE = 0.5


def describe_machine() -> dict[str, Any]:
    """Return CPU, cores, memory and kernel of this machine."""
    return {
        'cpu': _search('/proc/cpuinfo', r'model name\s*: (.*)') or platform.processor(),
        'cores': _count_cores(),
        'memory_mb': int(_search('/proc/meminfo', r'MemTotal:\s*(\d+)') or 0) // 1024,
        'kernel': platform.release(),
        'system': platform.platform(),
    }


def read_load() -> float:
    """Return the load average of the last minute: how many threads ran or waited to run."""
    return round(os.getloadavg()[0], 2)


def busy_load() -> float:
    """Return the load average at which this machine is too busy to measure."""
    return BUSY_LOAD_PER_CORE * _count_cores()


def find_versions() -> dict[str, str]:
    """Return the versions of posenet_ros and of the software it uses."""
    profile = find_profile(os.environ)
    return {
        'posenet_ros': _package_version('posenet_ros'),
        'python': platform.python_version(),
        **{name: _python_version(*names) for name, names in _DISTRIBUTIONS.items()},
        'ros': os.environ.get('ROS_DISTRO') or _ros_of_wheels(),
        'rclpy': _package_version('rclpy'),
        'rmw': get_rmw_implementation_identifier(),
        'rmw_version': _package_version(get_rmw_implementation_identifier()),
        'fastdds_profile': profile.path.name if profile else '',
    }


# The names under which each package may be installed.
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
    """Return the version in a ROS package's package.xml."""
    description = Path(get_package_share_directory(name)) / 'package.xml'
    return _search(str(description), r'<version[^>]*>([^<]+)') or 'unknown'


def _ros_of_wheels() -> str:
    names = (distribution.name for distribution in distributions())
    found = [match[1] for name in names if (match := re.fullmatch(r'ros-(\w+)-rclpy', name))]
    return f'{found[0]} (wheels)' if found else 'unknown'


def _search(path: str, pattern: str) -> str | None:
    """Return a pattern's group at its first match in a file, or None."""
    match = re.search(pattern, Path(path).read_text())
    return match[1].strip() if match else None


def _count_cores() -> int:
    return len(os.sched_getaffinity(0))
