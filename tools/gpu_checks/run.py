"""A run of the GPU checks: each part in a process of its own, and the merged result."""

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
import time

from gpu_checks.json_file import write_json
from gpu_checks.plan import Plan, Result
from gpu_checks.process import run_in_process
from gpu_checks.report.text import describe_part, describe_targets
from gpu_checks.targets import holds

from posenet_ros.inference.execution_providers import PROVIDERS

#: The file name of the merged result in the output folder.
MERGED = 'gpu_check.json'
#: The version of the layout of the merged result.
FORMAT = 1

# Seconds that a part may take; some need more than most.
_LIMIT_S = 60.0
_LIMITS_S = {
    'doctor': 120.0,
    'agreement': 100.0,
    'shapes': 120.0,
    'batches': 90.0,
    'node': 130.0,
    'recovery': 150.0,
    'start_up': 80.0,
    'long_run': 100.0,
}


def run_parts(plan: Plan, names: Sequence[str], *, minutes: float, output: Path) -> Result:
    """
    Run the parts, print what each found, and return the merged result.

    It is written to the output folder after each part, which has its own file there, too. If the
    part `doctor` finds that the provider under test runs no network, no other part is run.
    """
    output.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + 60 * minutes
    merged: Result = {
        'format': FORMAT,
        'provider': plan.provider,
        'device_id': plan.device_id,
        'rehearsal': plan.is_rehearsal,
        'quick': plan.quick,
        'date': datetime.now(timezone.utc).isoformat(timespec='seconds'),
        'parts': {},
        'targets': [],
    }
    for name in names:
        found = _run_part(name, plan, output / f'{name}.json', deadline - time.monotonic())
        merged['parts'][name] = found
        merged['targets'] += [{'part': name, **one} for one in targets_of(found)]
        reason = _find_obstacle(plan, found)
        if reason:
            merged['stopped'] = reason
        write_json(output / MERGED, merged)
        print(describe_part(name, found), flush=True)
        if reason:
            print(f'Stopped: {reason}\n', flush=True)
            break
    print(describe_targets(merged['targets']), flush=True)
    print(f'Wrote {output / MERGED}.', flush=True)
    return merged


def _run_part(name: str, plan: Plan, file: Path, left_s: float) -> Result:
    limit_s = left_s
    if plan.provider != 'tensorrt':  # which takes minutes to build an engine
        limit_s = min(left_s, _LIMITS_S.get(name, _LIMIT_S))
    if limit_s < 1:
        found = {'error': 'not started: the time of the whole run was over'}
        write_json(file, found)
        return found
    return run_in_process(f'gpu_checks.parts.{name}', plan, limit_s=limit_s, result=file)


def _find_obstacle(plan: Plan, found: Result) -> str:
    """Return why no further part can succeed after this result of a part, or an empty string."""
    used = found.get('providers_used')
    expected = PROVIDERS[plan.provider].onnxruntime_name
    if plan.is_rehearsal or used is None or expected in used.values():
        return ''
    return f'{expected} runs no network; the part doctor says why.'


def targets_of(found: Result) -> list[Result]:
    """Return the targets of a part, of which the first is that it has run to its end."""
    error, end = found.get('error'), found.get('end')
    ended = [holds('its process ended as it should', False, end)] if end else []
    return [holds('ran to its end', error is None, error), *ended, *found.get('targets', [])]
