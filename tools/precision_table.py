"""
The table of docs/precision.md.

Input: the measured times and agreements. Output: Markdown.
"""

from collections.abc import Mapping
import datetime
from importlib.metadata import version
from pathlib import Path
import platform
import textwrap

import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.agreement import Agreement
from posenet_ros.framing.framing import Size

Times = NDArray[np.float64]


def render_table(
    agreements: Mapping[str, Agreement], times: Mapping[Size, Mapping[str, Times]]
) -> str:
    """Return the table: a row for each precision; times in ms by input size and precision."""
    timed = ' | '.join(f'time at {height}x{width}' for height, width in times)
    lines = [
        f'| precision | {timed} | median | within 0.5 px | 1.5 px | 4 px |\n',
        '| --- ' * (5 + len(times)) + '|\n',
    ]
    for name, agreement in agreements.items():
        cells = [_time_cell(of_size[name], of_size['float32']) for of_size in times.values()]
        shares = [f'{100 * agreement.share_within(pixels):.1f} %' for pixels in (0.5, 1.5, 4)]
        lines.append(f'| {" | ".join([name, *cells, f"{agreement.median:.2f} px", *shares])} |\n')
    return ''.join(lines)


def _time_cell(times: Times, float32: Times) -> str:
    fastest, ratio = times.min(), times.min() / float32.min()
    return f'{fastest:.1f} ms, {ratio:.2f} x ({np.median(times / float32):.2f} x)'


def render_machine(runtimes: Mapping[str, str]) -> str:
    """Return a paragraph on the machine, the versions (`runtimes` by precision) and the date."""
    by_precision = ', '.join(f'{name}: {release}' for name, release in runtimes.items())
    text = (
        f'{describe_cpu()}; Python {platform.python_version()}, NumPy {version("numpy")}; '
        f'ONNX Runtime of each: {by_precision}; {datetime.date.today()}.'
    )
    return textwrap.fill(text, 99) + '\n'


def describe_cpu() -> str:
    """Return the CPU's name, number of cores, and instructions for reduced precision."""
    rows = [line.partition(':') for line in Path('/proc/cpuinfo').read_text().splitlines()]
    facts = {key.strip(): value.strip() for key, _, value in rows}
    flags = facts.get('flags', '').split()
    wanted = ('avx512_vnni', 'avx_vnni', 'avx512_bf16', 'amx_bf16')
    cores = sum(key.strip() == 'processor' for key, _, _ in rows)
    extras = ', '.join(name for name in wanted if name in flags)
    cpu = f'{facts.get("model name", "unknown CPU")}, {cores} cores'
    return f'{cpu} ({extras})' if extras else cpu
