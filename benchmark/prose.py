"""What the figures say in words: how cost grows, and the README's section."""

from collections.abc import Mapping
from typing import Any

from traffic import FLOOD_OF_ONE

Results = Mapping[str, Any]

# Load by core, before anything is measured, up to which a machine counts as quiet.
_QUIET = 0.5

#: Between these lines of the README stands what `readme_section` gives.
README_START = '<!-- written by make bench -->\n'
README_END = '<!-- end of what make bench writes -->\n'


def growth(parts: Results) -> str:
    """Return a paragraph on how cost grows, with figures; empty when they were not measured."""
    if not {'sweeps', 'decoding', 'node'} <= set(parts):
        return ''
    sweeps, people = parts['sweeps'], parts['decoding']
    sentences = [
        'The network decides. Its time grows with the area of its input: '
        + _between(sweeps['input_size'], '161x161', '481x481')
        + ', for 8.9 times the area. A stride of 8 in place of 16 does it on four times the '
        'cells from the layer on where the strides part: '
        + _between(sweeps['network'], 'mobilenet_v1_075 stride 16', 'mobilenet_v1_075 stride 8')
        + '.',
        'With a given input size the image costs only what is done to each of its pixels, the '
        'padding and the sampling: '
        + _between(sweeps['image_size'], '320x240', '1920x1080')
        + ', for 27 times the pixels. With `image_scale_factor` the input grows with the image, '
        'and so does the network.',
        'People cost little: to decode 30 takes '
        f'{people["default"]["growth"]:.2f} x the time for one with the default limit, and '
        f'{people["all"]["growth"]:.2f} x when all 30 are found.',
        *_of_cameras(parts['node']),
    ]
    return ' '.join(sentences) + '\n'


def busy(results: Results) -> str:
    """Return a warning when others had work for the machine before the first part began."""
    first = next(iter(results['conditions'].values()))['load']
    if first < _QUIET * results['machine']['cores']:
        return ''
    return (
        f'**The machine was busy with other work (load {first} before the start): these figures '
        'are provisional. Times are too long, parts cannot be compared with each other, and no '
        'target is settled by them.**\n\n'
    )


def _of_cameras(figures: Results) -> list[str]:
    by_cameras = figures['640x480']
    if '4' not in by_cameras:
        return []
    loads = (FLOOD_OF_ONE, 'flood')
    if any(by_cameras['4'][load]['node']['share'] > 0.8 for load in loads):
        return []  # it was no flood
    one, four = (by_cameras['4'][load]['node']['rate'] for load in loads)
    return [
        f'Cameras share the network: in a flood from one of four {one:.0f} answers a second, '
        f'from all four {four:.0f} together.'
    ]


def readme_section(results: Results) -> str:
    """Return the README's figures, from a whole run."""
    parts, machine = results['parts'], results['machine']
    stages = parts['stages']['640x480']
    by_load = parts['node']['640x480']['1']
    usual, flood = by_load['30 Hz'], by_load['flood']
    missed = sum(row['met'] is False for row in results['targets'])
    undecided = sum(row['met'] is None for row in results['targets'])
    return (
        f'{busy(results)}'
        f'On {machine["cores"]} cores of an {machine["cpu"]}, 640x480 images, 257x257 input, '
        'default model, medians:\n\n'
        '| | |\n| --- | --- |\n'
        f'| bare session run of ONNX Runtime | {stages["times"]["session"]["median"]:.1f} ms |\n'
        f'| image array to poses | {stages["times"]["estimate"]["median"]:.1f} ms, '
        f'x {stages["estimate_over_session"]:.2f} of the bare run |\n'
        f'| over DDS at 30 Hz, stamp to received pose | '
        f'{usual["node"]["latency"]["median"]:.1f} ms, of which the transport of the image '
        f'takes {usual["transport"]["latency"]["median"]:.1f} ms |\n'
        f'| answered at 30 Hz | {100 * usual["node"]["share"]:.1f} % |\n'
        f'| fed faster than it can work | {flood["node"]["rate"]:.0f} answers a second; the bare '
        f'session beside as many images does {flood["session_fed"]["rate"]:.0f} |\n'
        f'| start to ready for images | {parts["start"]["ready"]["median"]:.1f} s; to the first '
        f'pose {parts["start"]["first_pose"]["median"]:.1f} s, the rest being discovery by the '
        'middleware |\n'
        f'| resident memory | {parts["memory"]["largest_mb"]:.0f} MB |\n\n'
        '![Stages beside the bare session run, and latency over DDS]'
        '(docs/benchmark_latency.svg)\n\n'
        f'{missed} of {len(results["targets"])} targets are missed in that run and '
        f'{undecided} undecided; [docs/benchmark.md](docs/benchmark.md) has all figures.\n'
        '`make bench` measures yours.\n'
    )


def put_into_readme(readme: str, section: str) -> str:
    """Return a README with the section between its marks; raises ValueError without them."""
    before, start, rest = readme.partition(README_START)
    _, end, after = rest.partition(README_END)
    if not start or not end:
        raise ValueError(f'README.md lacks the lines {README_START!r} and {README_END!r}')
    return before + start + section + end + after


def _between(cases: Results, first: str, last: str) -> str:
    """Return the times of two cases, from image array to poses."""
    known = [
        f'{cases[name]["times"]["estimate"]["median"]:.1f} ms ({name})'
        for name in (first, last)
        if name in cases
    ]
    return ' to '.join(known)
