"""
The report of `posenet doctor`, and the execution provider that runs each node of the graph.

A session's own list of providers only says which were loaded. The profile of a run says which
provider ran each node.
"""

from collections import Counter
from collections.abc import Callable
import json
from pathlib import Path
import platform
import subprocess
import sys
import tempfile
from typing import Any, TypeVar

import cv2
from gpu_checks.correctness.subjects import default_graph, load, people
from gpu_checks.gpu.device import describe_device
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed.timing import TimeLimit
from gpu_checks.targets import holds
import numpy as np

from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.execution_providers import (
    provider_list,
    PROVIDERS,
    Request,
    without_replay,
)
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.graph_feed import graph_inputs

T = TypeVar('T')

# Seconds after which nothing else is found out, and those that `posenet doctor` may take.
_BUDGET_S = 70.0
_DOCTOR_S = 40.0

_DOCTOR = 'import sys; from posenet_ros.cli.main import main; sys.exit(main())'


def measure(plan: Plan) -> Result:
    """Return what doctor prints, the machine, and the providers that are really used."""
    expected = PROVIDERS[plan.provider].onnxruntime_name
    limit = TimeLimit(plan.allow(_BUDGET_S))
    used = {precision: _used(plan, precision, limit) for precision in ('float32', 'float16')}
    nodes = _attempt(lambda: _nodes(plan), limit)
    return {
        'doctor': _run_doctor(plan),
        'device': _attempt(lambda: describe_device(plan), limit),
        'versions': _versions(),
        'providers_used': used,
        'nodes_by_provider': nodes,
        'targets': [
            *(
                holds(f'{expected} runs {precision}', name == expected, name)
                for precision, name in used.items()
            ),
            holds(f'{expected} runs all nodes', set(nodes) == {expected}, ', '.join(nodes)),
        ],
    }


def _run_doctor(plan: Plan) -> list[str]:
    options = ['--execution-provider', plan.provider, '--device-id', str(plan.device_id)]
    try:
        done = subprocess.run(
            [sys.executable, '-c', _DOCTOR, 'doctor', *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_DOCTOR_S,
        )
    except subprocess.TimeoutExpired:
        return [f'not finished within {_DOCTOR_S:g} s']
    return [*done.stdout.splitlines(), f'exit code: {done.returncode}']


def _versions() -> dict[str, str]:
    return {
        'python': platform.python_version(),
        'numpy': np.__version__,
        'opencv': cv2.__version__,
        'onnxruntime': onnxruntime.__version__,
    }


def _used(plan: Plan, precision: str, limit: TimeLimit) -> str:
    """Return the provider that a session reports, or why there is none."""
    graph = default_graph(precision)
    used = _attempt(lambda: load(plan, graph, precision=precision).execution_provider, limit)
    return used if isinstance(used, str) else used['error']


def _attempt(action: Callable[[], T], limit: TimeLimit) -> T | dict[str, str]:
    """Return what the action returns, or its error: the rest of the report explains it."""
    if limit.is_over:
        return {'error': 'left out: no time was left'}
    try:
        return action()
    except Exception as error:  # whatever it is, it is a finding
        return {'error': describe_error(error)}


def _nodes(plan: Plan) -> dict[str, int]:
    """Return the number of nodes of the graph that each provider ran, from a profile."""
    graph = default_graph()
    provider = PROVIDERS[plan.provider]
    with tempfile.TemporaryDirectory() as folder:
        request = Request('check', (257, 257), 'float32', plan.device_id, 0, 0, Path(folder))
        options = onnxruntime.SessionOptions()
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / 'profile')
        options.log_severity_level = 3
        # A recorded run has no events of single nodes.
        providers = without_replay(provider_list(provider, request))
        session = onnxruntime.InferenceSession(str(graph), options, providers=providers)
        image = people(480, 640)
        session.run(None, graph_inputs([image], [stretched((480, 640), (257, 257))]))
        events = json.loads(Path(session.end_profiling()).read_text())
    return dict(Counter(map(_provider, filter(_is_node, events))))


def _is_node(event: dict[str, Any]) -> bool:
    return event.get('cat') == 'Node' and event['name'].endswith('_kernel_time')


def _provider(event: dict[str, Any]) -> str:
    return str(event['args']['provider'])
