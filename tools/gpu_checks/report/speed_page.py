"""The tables of docs/gpu.md about speed, in Markdown, from the result of the GPU check."""

from collections.abc import Iterable, Mapping

from gpu_checks.plan import Result
from gpu_checks.report.markdown import table

_Columns = Mapping[str, str]

_STAGES: _Columns = {
    'sampling': 'sampling',
    'upload': 'upload',
    'session': 'network',
    'download': 'download',
    'decoding': 'decoding',
    'other': 'rest',
}
_TIMES: _Columns = {
    **_STAGES,
    'image_to_poses': 'image to poses',
    'image_to_poses_p95': '95th percentile',
    'gpu': 'network, GPU alone',
}


def speed_tables(result: Result) -> str:
    """Return all tables of a merged result; a part without figures becomes its reason."""
    parts = result['parts']
    waits = parts.get('stages', {}).get('replay_waits')
    sections = [
        ('Time of each stage', 'stages', _stages),
        ('Precision and number of images', 'precisions', _precisions),
        ('Size of the network input and of the image', 'sizes', _sizes),
        ('Options of the CUDA provider', 'options', _options),
        ('Bounds by arithmetic and by memory', 'roofline', _roofline),
        ('Ways to move data', 'transfers', _transfers),
    ]
    texts = []
    for heading, name, write in sections:
        part = parts.get(name, {'reason': 'the part did not run'})
        reason = part.get('error') or part.get('reason')
        part = {'replay_waits': waits, **part}
        lines = [f'Not measured: {reason}.'] if reason else list(write(part))
        texts.append('\n'.join([f'### {heading}', '', *lines]))
    return '\n\n'.join(texts) + '\n'


def _stages(part: Result) -> Iterable[str]:
    return _by_stage(part, part['network'], {'image': 'image', 'input': 'network input'})


def _precisions(part: Result) -> Iterable[str]:
    yield f'Medians in ms for images of 640x480 at 257x257{_clock(part)}.'
    columns = {'precision': 'precision', 'images': 'images', **_TIMES}
    columns['images_per_second'] = 'images a second, network alone'
    yield from _table(columns, part['milliseconds'])
    yield ''
    yield 'Difference from float32, where the heatmap scores at least 0.5:'
    columns = {
        'precision': 'precision',
        'median_offset_px': 'offset, median px',
        'max_offset_px': 'offset, maximum px',
        'max_score_difference': 'score, maximum',
    }
    yield from _table(columns, part['against_float32'])
    yield from _missing(part)


def _sizes(part: Result) -> Iterable[str]:
    columns = {'stride': 'output stride', 'image': 'image', 'input': 'network input'}
    return _by_stage(part, 'the default model', columns)


def _by_stage(part: Result, network: str, case: _Columns) -> Iterable[str]:
    """Return the tables of the time of each stage, whose first columns describe the case."""
    yield f'Medians in ms of {network}{_clock(part)}.'
    yield from _table({**case, **_TIMES}, part['milliseconds'])
    yield ''
    yield 'Percent of the time from image to poses:'
    yield from _table({**case, **_STAGES}, part['percent'])
    yield from _missing(part)


def _options(part: Result) -> Iterable[str]:
    yield f'Medians in ms for an image at 257x257{_clock(part)}.'
    columns = {
        'network': 'network',
        'gpu': 'GPU alone',
        'package_gpu': "GPU alone, package's options",
        'session': 'session',
        'start_s': 'start, s',
        'max_offset_px': 'offset from the package, maximum px',
    }
    yield from _table(columns, part['rows'])
    yield from _missing(part)


def _roofline(part: Result) -> Iterable[str]:
    peaks = part['peaks']
    yield (
        f'Measured on the device: {peaks["float32_tflops"]} TFLOP/s in float32, '
        f'{peaks["tf32_tflops"]} in TF32, {peaks["float16_tflops"]} in float16, '
        f'{peaks["bandwidth_gb_s"]} GB/s, {peaks["node_us"]} µs for each further node. '
        'The bound is for convolutions that everything else is fused into. Data that stays in the '
        "device's cache can move faster."
    )
    columns = {
        'network': 'network',
        'input': 'input',
        'gmacs': '10⁹ multiply-adds',
        'fused_mb': 'MB moved',
        'arithmetic_ms': 'arithmetic, ms',
        'memory_ms': 'memory, ms',
        'bound_ms': 'bound, ms',
        'unfused_ms': 'memory if nothing is fused, ms',
        'nodes_ms': 'starting nodes, ms',
        'gpu_ms': 'measured, ms',
        'times_bound': 'measured / bound',
    }
    yield from _table(columns, part['rows'])
    yield from _missing(part)


def _transfers(part: Result) -> Iterable[str]:
    yield f'Wall time in ms{_clock(part)}.'
    columns = {
        'stride': 'output stride',
        'input': 'network input',
        'way': 'way',
        'ms': 'median',
        'p95_ms': '95th percentile',
    }
    yield from _table(columns, [*part['copies'], *part['runs']])
    yield ''
    yield 'Sampling on the CPU and on the device, at 257x257, in ms:'
    columns = {
        'image': 'image',
        'sample_on_cpu_ms': 'sampling on the CPU',
        'upload_samples_ms': 'upload of the samples',
        'upload_image_ms': 'upload of the image',
        'upload_pinned_image_ms': 'the same, pinned',
        'sample_on_device_ms': 'sampling on the device',
    }
    yield from _table(columns, part['sampling'])
    yield from _missing(part)


def _clock(part: Result) -> str:
    """Return a remark if the times are not those of a GPU alone."""
    if part['clock'] != 'events':
        return ' (rehearsal on the CPU: no figures of a GPU)'
    if part['replay_waits']:
        return (
            " (the GPU's own time includes waking up the CPU: this ONNX Runtime waits in replays)"
        )
    return ''


def _missing(part: Result) -> Iterable[str]:
    if part['missing']:
        yield ''
        yield f'Missing: {"; ".join(part["missing"])}.'


def _table(columns: _Columns, rows: Iterable[Result]) -> Iterable[str]:
    """Return the lines of a table, after an empty one."""
    return ['', *table(columns, rows).splitlines()]
