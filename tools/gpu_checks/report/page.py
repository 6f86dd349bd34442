"""
The parts of docs/gpu.md that a run of the GPU check writes, in Markdown.

A published run replaces the text between the markers of each block, and docs/gpu_check.json.
"""

from collections.abc import Mapping

from gpu_checks.plan import Result
from gpu_checks.report.markdown import cell, table
from gpu_checks.report.speed_page import speed_tables

from posenet_ros.inference.execution_providers import PRECISIONS

_TARGETS = {name: name for name in ('part', 'what', 'limit', 'measured', 'met')}
_MET = {True: 'yes', False: '**no**', None: 'undecided'}
_SHARES = {f'within_{pixels}_px': f'within {pixels} px' for pixels in ('0.1', '0.5', '1')}
_DISTANCES = {
    'keypoints': 'keypoints',
    **_SHARES,
    'median_px': 'median px',
    'largest_px': 'largest px',
}
_SERIES = {
    'alone': 'alone on the GPU',
    'with_second': 'beside a second process',
    'after_it_was_killed': 'after that was killed',
}
_SPEED = {
    'name': 'GPU',
    'precision': 'provider, precision',
    'network': 'network alone, 257x257',
    'poses': 'image to poses',
    'node': 'node latency at 30 Hz',
    'by': 'by',
}
_LOSSES = {
    'memory_taken': 'another process takes all memory',
    'memory_limit': 'an input above `gpu_mem_limit_mb`',
    'context_reset': 'the context is destroyed, twice',
    'context_broken': 'a kernel fails, which breaks the context',
}


def render_measured(result: Result) -> str:
    """Return the text and tables of the section on what was measured."""
    parts = result['parts']
    sections = [
        ('Targets', table(_TARGETS, map(_target_row, result['targets']))),
        ('Agreement with float32 on the CPU', _agreement(parts['agreement'])),
        ('CUDA graphs and bound buffers', _ways(parts)),
        ('Recovery', _recovery(parts['recovery'])),
        ('Long runs, several processes, and the start', _others(parts)),
    ]
    texts = [f'### {heading}\n\n{text}' for heading, text in sections]
    return '\n'.join([_describe_machine(result), *texts, speed_tables(result)])


def _describe_machine(result: Result) -> str:
    doctor = result['parts']['doctor']
    device, versions = doctor.get('device') or {}, doctor.get('versions') or {}
    software = ', '.join(f'{name} {version}' for name, version in versions.items())
    return (
        f'{device.get("name", "unknown GPU")}, execution provider `{result["provider"]}`, '
        f'{result["date"][:10]}; {software}. All figures, and the output of `posenet doctor`, are '
        'in [gpu_check.json](gpu_check.json).\n'
    )


def _target_row(target: Result) -> Result:
    measured = cell(target['measured'])
    return {
        **target,
        'measured': f'{measured} {target["unit"]}'.strip(),
        'met': _MET[target['met']],
    }


def _agreement(part: Result) -> str:
    if 'error' in part:
        return _failed(part)
    rows = [*part['rows'], *({**row, 'graph': f'all {row["precision"]}'} for row in part['all'])]
    text = table({'graph': 'graph', **_DISTANCES}, rows)
    left_out = ''.join(f'Not compared: {line}.\n' for line in part['left_out'])
    return f'{text}\n{left_out}' if left_out else text


def _ways(parts: Mapping[str, Result]) -> str:
    shapes, batches = parts['shapes'], parts['batches']
    if failed := [part for part in (shapes, batches) if 'error' in part]:
        return _failed(failed[0])
    sizes = len(shapes['largest_px_by_size'])
    rows = [
        *({'case': f'{sizes} sizes, {row["way"]}', **row} for row in shapes['ways']),
        *(
            {'case': f'{row.get("batch", "all")} images, {row["way"]}', **row}
            for row in batches['rows']
        ),
    ]
    columns = {'case': 'case', 'of_another_image': 'results of another image', **_DISTANCES}
    left_out = ''.join(
        f'Not run in time: {name} of {part}.\n'
        for part in ('shapes', 'batches')
        for name in parts[part]['left_out']
    )
    text = table({**columns, 'error': 'error'}, rows)
    return f'{text}\n{left_out}' if left_out else text


def _recovery(part: Result) -> str:
    if 'error' in part:
        return _failed(part)
    rows = [_loss_row(text, part[name]) for name, text in _LOSSES.items()]
    columns = {
        'loss': 'failure',
        'images': 'images',
        'right': 'with the right poses',
        'returned': 'provider used again after the wait',
        'error': 'error',
    }
    return table(columns, rows)


def _loss_row(text: str, found: Result) -> Result:
    steps = found.get('steps', [])
    return {
        'loss': text,
        'images': len(steps),
        'right': sum(step['right'] for step in steps),
        'returned': _MET[found.get('returned')],
        'error': found.get('error') or found.get('end') or '',
    }


def _others(parts: Mapping[str, Result]) -> str:
    long, second, start = (parts[name] for name in ('long_run', 'second_process', 'start_up'))
    rows: list[Result] = [
        {'what': 'runs', 'figure': long.get('runs')},
        *(
            {'what': f'{name}, first and last tenth of the runs', 'figure': _ends(long.get(key))}
            for name, key in (('host memory', 'host_mb'), ('GPU memory', 'gpu_mb'))
        ),
        *(
            {'what': f'image to heads, {text}', 'figure': _median(second, name)}
            for name, text in _SERIES.items()
        ),
        {'what': 'start to poses, cold kernel cache', 'figure': _seconds(start.get('cold_s'))},
        {'what': 'start to poses, warm kernel cache', 'figure': _seconds(start.get('warm_s'))},
    ]
    return table({'what': 'what', 'figure': 'figure'}, rows)


def _ends(ends: Mapping[str, float] | None) -> str:
    return f'{ends["first_tenth"]} and {ends["last_tenth"]} MB' if ends else 'not measured'


def _median(part: Result, name: str) -> str:
    median = part.get(name, {}).get('median_ms')
    return 'not measured' if median is None else f'{median} ms'


def _seconds(value: float | None) -> str:
    return 'not measured' if value is None else f'{value} s'


def render_speed(result: Result) -> str:
    """Return the table of GPUs, with a row for each precision."""
    parts = result['parts']
    device = parts['doctor'].get('device') or {}
    rows = [
        {
            'name': device.get('name', 'unknown GPU'),
            'precision': f'{result["provider"]}, {row["precision"]}',
            'network': _milliseconds(row['gpu'] or row['session']),
            'poses': _milliseconds(row['image_to_poses']),
            'node': _node_latency(parts),
            'by': '`tools/gpu_check.py`',
        }
        for row in parts.get('precisions', {}).get('milliseconds') or ()
        if row['images'] == 1 and row['precision'] in PRECISIONS
    ]
    return table(_SPEED, rows or [{}])


def _node_latency(parts: Mapping[str, Result]) -> str:
    """Return the latency of a node with one camera at 30 Hz, if it was measured."""
    for case in parts.get('node', {}).get('cases') or ():
        if case['cameras'] == 1 and case['rate'] == 30:
            return _milliseconds(case['latency_ms'])
    return ''


def _milliseconds(value: float | None) -> str:
    return '' if value is None else f'{cell(value)} ms'


def _failed(part: Result) -> str:
    return f'Not measured: {part["error"]}.\n'
