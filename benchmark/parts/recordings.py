"""
Measure `posenet bag` and `posenet estimate` on the same images.

Input: the number of images, half of them raw and half of them JPEG, and of rounds, and the node's
parameters, which become options. Output: wall and CPU seconds of each command, from its start to
its end, and their ratios.
"""

from collections.abc import Sequence
import os
from pathlib import Path
import shutil
import subprocess
import tempfile
import time
from typing import Any

import cv2
from made_bags import compressed, film, Made, PERIOD, Rgb, START, write_bag
import numpy as np
from parts.timing import median_ratio, summarize
from programs.pictures import picture

_SIZE = (480, 640)
# How far the people move from one image to the next, in pixels.
_STEP = 2


def measure_recordings(
    images: int, *, rounds: int, parameters: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the seconds of both commands, which take turns, and the ratio of their rates."""
    options = list(map(_as_option, parameters))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pixels = [np.roll(picture(_SIZE), _STEP * step, axis=1) for step in range(images // 2)]
        bag = _write_bag(folder / 'bag', pixels)
        files = _write_files(folder / 'files', pixels)
        commands = {
            'bag': ['posenet', 'bag', *options, str(bag), str(folder / 'out')],
            'estimate': ['posenet', 'estimate', '--track', '--json', *options, *map(str, files)],
        }
        walls: dict[str, list[float]] = {command: [] for command in commands}
        cpus: dict[str, list[float]] = {command: [] for command in commands}
        for _ in range(rounds):
            for command, arguments in commands.items():
                wall, cpu = measure_command(arguments, folder / 'results.txt')
                walls[command].append(wall)
                cpus[command].append(cpu)
            shutil.rmtree(folder / 'out')
    return {
        'images': len(files),
        'wall': {command: summarize(values) for command, values in walls.items()},
        'cpu': {command: summarize(values) for command, values in cpus.items()},
        'rate_ratio': median_ratio(walls, 'estimate', 'bag'),
        'cpu_ratio': median_ratio(cpus, 'bag', 'estimate'),
    }


def _as_option(parameter: str) -> str:
    """Return the option of `posenet` that has the same name and value as a parameter."""
    name, _, value = parameter.partition(':=')
    return f'--{name.replace("_", "-")}={value}'


def _write_bag(path: Path, pixels: list[Rgb]) -> Path:
    """Write a bag with these pictures on a raw topic and, as JPEG, on a compressed one."""
    times = [START + PERIOD * number for number in range(len(pixels))]
    jpegs = [
        Made('/rear/image_raw/compressed', time, compressed(one, time, '.jpg'))
        for one, time in zip(pixels, times, strict=True)
    ]
    return write_bag(path, film('/front/image_raw', pixels) + jpegs)


def _write_files(folder: Path, pixels: list[Rgb]) -> list[Path]:
    """Write these pictures as BMP, which takes hardly any time to decode, and as JPEG."""
    folder.mkdir()
    paths = [
        folder / f'{number}{suffix}'
        for suffix in ('.bmp', '.jpg')
        for number in range(len(pixels))
    ]
    for path, one in zip(paths, [*pixels, *pixels], strict=True):
        cv2.imwrite(str(path), cv2.cvtColor(one, cv2.COLOR_RGB2BGR))
    return paths


def measure_command(arguments: list[str], output: Path) -> tuple[float, float]:
    """Run a command, and return its wall and CPU seconds; raises SystemExit if it fails."""
    with open(output, 'w') as file:
        start = time.perf_counter()
        running = subprocess.Popen(arguments, stdout=file, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(running.pid, 0)
        wall = time.perf_counter() - start
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f'{arguments[:2]} failed:\n{output.read_text()[-2000:]}')
    return wall, usage.ru_utime + usage.ru_stime
