"""The start of the node, and its memory over many images."""

from collections.abc import Sequence
from pathlib import Path
import re
import tempfile
import time
from typing import Any

import numpy as np
from pictures import SIZES
from programs import feeder, listener, node, Program
from records import read_records
from session import INPUT_SIZE
from timing import summary

_SIZE = '640x480'
_TOPIC = '/camera0/image_raw'
_POSES = '/camera0/poses'
# Hz; more than can be answered.
_RATE = 400.0
# Seconds between two looks at the memory, and that a machine has for the whole.
_STEP = 0.5
_PATIENCE = 900.0


def measure_start(times: int, *, parameters: Sequence[str] = ()) -> dict[str, Any]:
    """
    Return the seconds from a process's start to ready for images, and to the first pose.

    Images come at 30 Hz all the time from a feeder that runs already, and a listener waits.
    """
    ready: list[float] = []
    first_pose: list[float] = []
    for _ in range(times):
        one_ready, one_pose = _start_once(parameters)
        ready.append(one_ready)
        first_pose.append(one_pose)
    return {'ready': summary(ready), 'first_pose': summary(first_pose)}


def _start_once(parameters: Sequence[str]) -> tuple[float, float]:
    height, width = SIZES[_SIZE]
    with tempfile.TemporaryDirectory() as folder:
        answers, arrivals = Path(folder) / 'answers', Path(folder) / 'arrivals'
        with (
            listener('poses', answers, [_POSES]),
            listener('images', arrivals, [_TOPIC]),
            feeder(width, height, [_TOPIC]) as source,
        ):
            source.answer()
            _feed_until_noted(source, arrivals)
            start = time.time_ns()
            with node([_TOPIC], f'input_size:={INPUT_SIZE}', *parameters) as program:
                _feed_until_noted(source, answers)
                ready = _when_ready(program.printed())
            first = int(read_records(answers)[0, 2]) / 1e9
    return ready - start / 1e9, first - start / 1e9


def _feed_until_noted(source: Program, path: Path) -> None:
    """Feed 30 images a second until a listener has noted something; raises TimeoutError."""
    give_up = time.monotonic() + 60
    while not len(read_records(path)):
        if time.monotonic() > give_up:
            raise TimeoutError(f'nothing arrived at the listener that writes {path.name}')
        source.ask({'topics': [_TOPIC], 'rate': 30.0, 'seconds': 0.3})
        source.answer()


def _when_ready(printed: str) -> float:
    """Return when the node logged that it takes images, in seconds of the system's clock."""
    match = re.search(r'\[(\d+\.\d+)\].* -> ', printed)
    if match is None:
        raise ValueError(f'the node never said that it takes images; it printed: {printed}')
    return float(match[1])


def measure_memory(images: int, *, parameters: Sequence[str] = ()) -> dict[str, Any]:
    """Return the node's resident memory in MB while it answers so many images, unpaused."""
    height, width = SIZES[_SIZE]
    seen: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / 'answers'
        with (
            node([_TOPIC], f'input_size:={INPUT_SIZE}', *parameters) as program,
            listener('poses', answers, [_POSES]),
            feeder(width, height, [_TOPIC]) as source,
        ):
            source.answer()
            give_up = time.monotonic() + _PATIENCE
            while len(read_records(answers)) < images:
                if time.monotonic() > give_up:
                    raise TimeoutError(f'{len(read_records(answers))} of {images} images answered')
                source.ask({'topics': [_TOPIC], 'rate': _RATE, 'seconds': _STEP})
                source.answer()
                seen.append(program.usage().resident_mb)
            answered = len(read_records(answers))
    return {'images': answered, **_growth(seen)}


def _growth(seen: Sequence[float]) -> dict[str, Any]:
    """Return the medians of the first and last tenth, the largest, and ten points between."""
    tenth = max(1, len(seen) // 10)
    parts = [float(np.median(part)) for part in np.array_split(seen, min(10, len(seen)))]
    return {
        'first_tenth_mb': round(float(np.median(seen[:tenth])), 2),
        'last_tenth_mb': round(float(np.median(seen[-tenth:])), 2),
        'largest_mb': round(max(seen), 2),
        'course_mb': [round(part, 2) for part in parts],
    }
