"""The results as a page of tables, in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prose import busy, growth
from stages import EXTRAS, STAGES

Results = Mapping[str, Any]


def page(results: Results) -> str:
    """Return docs/benchmark.md for some results; parts that were not measured are left out."""
    parts = results['parts']
    sections = [_head(results), _targets(results['targets'])]
    sections += [write(parts[name]) for name, write in _SECTIONS.items() if name in parts]
    words = growth(parts)
    if words:
        sections.append(f'## In words\n\n{words}')
    return '\n'.join(sections)


def _head(results: Results) -> str:
    machine, versions = results['machine'], results['versions']
    loads = [part['load'] for part in results['conditions'].values()]
    return (
        '# Benchmark\n\n'
        'Written by `make bench` from a run. Times are medians (p95 in brackets) in ms unless '
        'another unit is named; ratios are taken between calls that take turns in one run.\n\n'
        f'- machine: {machine["cpu"]}, {machine["cores"]} cores, {machine["memory_mb"]} MB, '
        f'Linux {machine["kernel"]}\n'
        f'- versions: {", ".join(f"{name} {version}" for name, version in versions.items())}\n'
        f'- settings: {", ".join(f"{k} {v}" for k, v in results["settings"].items())}\n'
        f'- load of the machine over the minute before each part: {min(loads)} to {max(loads)}, '
        'the benchmark itself included\n\n'
        f'{busy(results)}'
        "The *bare session run* is ONNX Runtime's `session.run` on the session of the network "
        'under test, with inputs that are ready, and nothing else. It samples the padded image '
        'to the input size, since that is in the graph. The *network alone* is the same call on '
        'an image that has the input size already.\n'
    )


_VERDICTS = {
    True: 'met',
    False: '**not met**',
    None: 'undecided: the feed was no flood',
}


def _targets(rows: Iterable[Mapping[str, Any]]) -> str:
    lines = [
        (
            row['what'],
            f'{"at least" if row["at_least"] else "at most"} {row["limit"]:g} {row["unit"]}',
            f'{row["measured"]:g} {row["unit"]}',
            _VERDICTS[row['met']],
        )
        for row in rows
    ]
    return '## Targets\n\n' + table(('what', 'target', 'measured', ''), lines)


def _stages(figures: Results) -> str:
    sizes = list(figures)
    named = {
        'session': '*bare session run*',
        'network_alone': '*network alone*',
        **STAGES,
        'estimate': 'image array to poses (framing to pixels)',
        **EXTRAS,
    }
    lines = [
        (text, *(time(figures[size]['times'][name]) for size in sizes))
        for name, text in named.items()
    ]
    ratios = {
        'estimate_over_session': 'image array to poses / bare session run',
        'estimate_over_network_alone': 'image array to poses / network alone',
        'network_over_session': 'network with our wrapper / bare session run',
    }
    lines += [
        (text, *(f'x {figures[size][name]:.2f}' for size in sizes))
        for name, text in ratios.items()
    ]
    return '## Stages on one image\n\n' + table(('stage', *sizes), lines)


def _decoding(figures: Results) -> str:
    limits = list(figures)
    heads = (f'at most {figures[limit]["max_pose_detections"]} found' for limit in limits)
    lines = [
        (people, *(time(figures[limit]['times'][people]) for limit in limits))
        for people in figures[limits[0]]['times']
    ]
    growth = ('30 / 1', *(f'x {figures[limit]["growth"]:.2f}' for limit in limits))
    text = 'Multi-person, on heads of 17x17 cells that were made for a crowd.\n\n'
    return '## Decoding\n\n' + text + table(('people', *heads), [*lines, growth])


def _sweeps(figures: Results) -> str:
    text = '640x480 images, 257x257 input, mobilenet_v1_075, stride 16, but for what is named.\n'
    tables = [
        table(
            (name.replace('_', ' '), 'image array to poses', 'bare session', 'network alone', ''),
            [
                (
                    case,
                    *(time(row['times'][k]) for k in ('estimate', 'session', 'network_alone')),
                    f'x {row["estimate_over_session"]:.2f}',
                )
                for case, row in cases.items()
            ],
        )
        for name, cases in figures.items()
    ]
    return '## How cost grows\n\n' + '\n'.join([text, *tables])


def _node(figures: Results) -> str:
    text = (
        'The installed `posenet_node`, a feeder of images, a listener to poses and a plain '
        'listener to images, each in a process of its own, and the bare session run in another; '
        'slices of all take turns (`benchmark/traffic.py`). Latency is from the stamp, taken '
        'when the image is handed to ROS, to the pose, or the image, in the listener. *Flood*: '
        'the cameras together publish 1.5 x what the bare session can do on an idle machine. '
        "*Fed*: while a plain subscriber takes the same images. CPU is the node's, of one "
        'core.\n'
    )
    rows, floors = [], []
    for size, by_cameras in figures.items():
        for cameras, by_load in by_cameras.items():
            for load, row in by_load.items():
                case = (size, cameras, load)
                rows.append((*case, *_node_row(row)))
                floors.append((*case, *_floor_row(row)))
    case_head = ('images', 'cameras', 'load')
    return '\n'.join(
        [
            '## The node\n',
            text,
            table(
                (*case_head, 'latency', 'answered', 'rate in Hz', 'CPU per image', 'CPU', 'MB'),
                rows,
            ),
            'The floors, in the same runs:\n',
            table(
                (
                    *case_head,
                    'transport',
                    'images arrived',
                    'bare session',
                    'the same, fed',
                    'the same, 30 a second',
                    'bare rate in Hz',
                    'the same, fed',
                ),
                floors,
            ),
        ]
    )


def _node_row(row: Any) -> tuple[str, ...]:
    node = row['node']
    return (
        time(node['latency']),
        f'{100 * node["share"]:.1f} %',
        f'{node["rate"]:.1f}',
        f'{node["cpu_ms_per_image"]:.1f} ms',
        f'{node["cpu_percent"]:.0f} %',
        f'{node["resident_mb"]:.0f}',
    )


def _floor_row(row: Any) -> tuple[str, ...]:
    return (
        time(row['transport']['latency']),
        f'{100 * row["transport"]["share"]:.1f} %',
        *(time(row[name]) for name in ('session', 'session_fed', 'session_paced')),
        *(f'{row[name]["rate"]:.1f}' for name in ('session', 'session_fed')),
    )


def _start(figures: Results) -> str:
    lines = [
        (text, time(figures[name]))
        for name, text in {'ready': 'ready for images', 'first_pose': 'first pose'}.items()
    ]
    return '## Start\n\n' + table(('since the start of the process', 'seconds'), lines)


def _memory(figures: Results) -> str:
    course = ', '.join(f'{part:.1f}' for part in figures['course_mb'])
    return (
        '## Memory\n\n'
        f'Over {figures["images"]} answered images of 640x480, flooded, the node holds '
        f'{figures["first_tenth_mb"]:.1f} MB in the first tenth and '
        f'{figures["last_tenth_mb"]:.1f} MB in the last, {figures["largest_mb"]:.1f} MB at most. '
        f'Course, in ten parts: {course} MB.\n'
    )


_SECTIONS = {
    'stages': _stages,
    'decoding': _decoding,
    'sweeps': _sweeps,
    'node': _node,
    'start': _start,
    'memory': _memory,
}


def time(one: Mapping[str, Any]) -> str:
    """Return a summary of times as `median (p95)`, or a dash when nothing was measured."""
    if one['median'] is None:
        return '-'
    return f'{one["median"]:.2f} ({one["p95"]:.2f})'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ['---'] * len(head), *rows]
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)
