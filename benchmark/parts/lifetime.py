"""
Measure the start of the node, and its memory over many images.

Input: the number of starts or images, and the node's parameters. Output: seconds, and MB.
"""

from collections.abc import Sequence
from pathlib import Path
import re
import tempfile
import time
from typing import Any

import numpy as np
from parts.session import INPUT_SIZE
from parts.timing import summarize
from programs.pictures import SIZES
from programs.processes import Program, start_feeder, start_listener, start_node
from programs.records import read_records

_SIZE = '640x480'
_TOPIC = '/camera0/image_raw'
_POSES = '/camera0/poses'
# Hz: more images than the node can process.
_FLOOD_RATE = 400.0
# Seconds between two measurements of memory, and a limit for all of them.
_STEP = 0.5
_PATIENCE = 900.0


def measure_start(times: int, *, parameters: Sequence[str] = ()) -> dict[str, Any]:
    """
    Return the seconds from the process's start until ready for images, and to the first pose.

    A feeder that publishes images at 30 Hz and a listener are running before the node starts.
    """
    ready: list[float] = []
    first_pose: list[float] = []
    for _ in range(times):
        to_ready, to_pose = _start_once(parameters)
        ready.append(to_ready)
        first_pose.append(to_pose)
    return {'ready': summarize(ready), 'first_pose': summarize(first_pose)}


def _start_once(parameters: Sequence[str]) -> tuple[float, float]:
    height, width = SIZES[_SIZE]
    with tempfile.TemporaryDirectory() as folder:
        poses, images = Path(folder) / 'poses', Path(folder) / 'images'
        with (
            start_listener('poses', poses, [_POSES]),
            start_listener('images', images, [_TOPIC]),
            start_feeder(width, height, [_TOPIC]) as feeder,
        ):
            feeder.receive()
            _feed_until_recorded(feeder, images)
            start = time.time_ns()
            with start_node([_TOPIC], f'input_size:={INPUT_SIZE}', *parameters) as node:
                _feed_until_recorded(feeder, poses)
                ready = _find_ready_time(node.printed())
            first = int(read_records(poses)[0, 2]) / 1e9
    return ready - start / 1e9, first - start / 1e9


def _feed_until_recorded(feeder: Program, path: Path) -> None:
    """Feed 30 images a second until a listener has recorded a message; raises TimeoutError."""
    deadline = time.monotonic() + 60
    while not len(read_records(path)):
        if time.monotonic() > deadline:
            raise TimeoutError(f'the listener to {path.name} received nothing within 60 s')
        feeder.send({'topics': [_TOPIC], 'rate': 30.0, 'seconds': 0.3})
        feeder.receive()


def _find_ready_time(printed: str) -> float:
    """Return when the node first logged its poses topic, in s of the system clock."""
    match = re.search(rf'\[(\d+\.\d+)\].*{_POSES}', printed)
    if match is None:
        raise ValueError(f'the node did not log {_POSES}; it printed: {printed}')
    return float(match[1])


def measure_memory(images: int, *, parameters: Sequence[str] = ()) -> dict[str, Any]:
    """Return the node's resident memory in MB while it processes a flood of `images` images."""
    height, width = SIZES[_SIZE]
    samples: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        poses = Path(folder) / 'poses'
        with (
            start_node([_TOPIC], f'input_size:={INPUT_SIZE}', *parameters) as node,
            start_listener('poses', poses, [_POSES]),
            start_feeder(width, height, [_TOPIC]) as feeder,
        ):
            feeder.receive()
            deadline = time.monotonic() + _PATIENCE
            while (processed := len(read_records(poses))) < images:
                if time.monotonic() > deadline:
                    raise TimeoutError(f'only {processed} of {images} images were processed')
                feeder.send({'topics': [_TOPIC], 'rate': _FLOOD_RATE, 'seconds': _STEP})
                feeder.receive()
                samples.append(node.usage().resident_mb)
    return {'images': processed, **_summarize_memory(samples)}


def _summarize_memory(samples: Sequence[float]) -> dict[str, Any]:
    """Return the medians of the first and last tenth, the maximum, and up to ten steps."""
    tenth = max(1, len(samples) // 10)
    steps = [float(np.median(part)) for part in np.array_split(samples, min(10, len(samples)))]
    return {
        'first_tenth_mb': round(float(np.median(samples[:tenth])), 2),
        'last_tenth_mb': round(float(np.median(samples[-tenth:])), 2),
        'largest_mb': round(max(samples), 2),
        'course_mb': [round(step, 2) for step in steps],
    }
