"""
The tables of the parts without a running node: stages, decoding, growth of the cost, recordings.

Input: the figures of one part. Output: its section of the page, in Markdown.
"""

from collections.abc import Mapping
from typing import Any

from parts.stages import EXTRAS, STAGES
from report.tables import format_ratio, format_table, format_time

Results = Mapping[str, Any]

_STAGES_TEXT = """\
## Stages of one image

Times are in ms, and in multiples of the bare run with the same image size.

"""

_ROWS = {
    'session': '**bare run**',
    **STAGES,
    'estimate': '**image array to poses** (framing to image pixels)',
    **EXTRAS,
}

_RATIOS = {
    'estimate_over_session': 'image array to poses / bare run',
    'network_over_session': 'network, called through PoseNet / bare run',
}

_RATIOS_TEXT = '\nMedian over all rounds of the ratio within a round:\n\n'

_DECODING_TEXT = """\
## Decoding

Multi-person decoding of synthetic heads of 17x17 cells with this number of people. Times are in
ms, and in multiples of the time for one person. `max_pose_detections` limits how many are found.

"""

_SWEEPS_TEXT = """\
## How the cost grows

Each table varies one setting. The defaults are 640x480 images, 257x257 input, mobilenet_v1_075 and
output stride 16. The columns "x" compare each row with the row of the defaults. Times are in ms.
"""

# For each sweep: its title, its caption, and its default case.
_SWEEPS = {
    'image_size': (
        'image size',
        'With a fixed input size, a larger image takes hardly more time. (`image_scale_factor`\n'
        'would enlarge the input, too.)',
        '640x480',
    ),
    'input_size': (
        'input size',
        'The time of the network grows with the number of input pixels.',
        '257x257',
    ),
    'network': (
        'network',
        'Half the output stride means four times as many cells in the later layers.',
        'mobilenet_v1_075 stride 16',
    ),
}


_RECORDINGS_TEXT = """\
## Recordings

`posenet bag` and `posenet estimate --track --json` on the same {images} images of 640x480, half of
them raw and half of them JPEG, on two topics and as files. The commands take turns. Seconds are
those from the start of a command to its end.

"""


def render_stages(figures: Results) -> str:
    """Return the section on the stages of one image."""
    sizes = list(figures)
    head = ['stage', *(title for size in sizes for title in (size, '/ bare run'))]
    lines = [
        [text, *(cell for size in sizes for cell in _compare(figures[size]['times'], name))]
        for name, text in _ROWS.items()
    ]
    ratios = [
        [text, *(f'{figures[size][name]:.2f}' for size in sizes)] for name, text in _RATIOS.items()
    ]
    tables = format_table(head, lines), format_table(['ratio', *sizes], ratios)
    return _STAGES_TEXT + _RATIOS_TEXT.join(tables)


def _compare(times: Results, name: str, under: str = 'session') -> tuple[str, str]:
    """Return the cells of a time, and of its ratio to another one."""
    return format_time(times[name]), format_ratio(times[name]['median'], times[under]['median'])


def render_decoding(figures: Results) -> str:
    """Return the section on decoding an increasing number of people."""
    columns = list(figures.values())
    head = [f'at most {column["max_pose_detections"]} found' for column in columns]
    lines = [
        [people, *(cell for column in columns for cell in _compare(column['times'], people, '1'))]
        for people in columns[0]['times']
    ]
    heads = ['people', *(title for text in head for title in (text, '/ 1 person'))]
    return _DECODING_TEXT + format_table(heads, lines)


def render_sweeps(figures: Results) -> str:
    """Return the section on how the cost grows with image size, input size and network."""
    return '\n'.join([_SWEEPS_TEXT, *(_sweep(name, figures[name]) for name in figures)])


def _sweep(name: str, cases: Results) -> str:
    title, caption, default = _SWEEPS[name]
    pixels = name != 'network'
    head = [
        title,
        *(['pixels, x'] if pixels else []),
        'image array to poses', 'x', 'bare run', 'x', 'image array to poses / bare run',
    ]  # fmt: skip
    lines = [
        [
            case,
            *([format_ratio(_pixels(case), _pixels(default))] if pixels else []),
            *_case_cells(row, cases.get(default, {})),
        ]
        for case, row in cases.items()
    ]
    return f'{caption}\n\n{format_table(head, lines)}'


def _case_cells(row: Results, default: Results) -> list[str]:
    cells = []
    for name in ('estimate', 'session'):
        under = default['times'][name]['median'] if default else None
        time = row['times'][name]
        cells += [format_time(time), format_ratio(time['median'], under)]
    return [*cells, f'{row["estimate_over_session"]:.2f}']


def _pixels(case: str) -> int:
    width, height = case.split('x')
    return int(width) * int(height)


def render_recordings(figures: Results) -> str:
    """Return the section on the conversion of a bag."""
    lines = [
        [
            f'`posenet {name}`',
            format_time(figures['wall'][name]),
            format_time(figures['cpu'][name]),
        ]
        for name in figures['wall']
    ]
    ratio = f'\nRate of `posenet bag` / `posenet estimate`: {figures["rate_ratio"]:.2f}. '
    cpu = f'CPU time: {figures["cpu_ratio"]:.2f}.\n'
    table = format_table(['command', 'seconds', 'CPU seconds'], lines)
    return _RECORDINGS_TEXT.format(images=figures['images']) + table + ratio + cpu
