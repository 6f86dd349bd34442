"""
Measure what depth costs the node, over DDS.

Input: the number of rounds, the duration of a slice and the node's parameters. Output: latency and
costs of the node without and with depth, and how long `poses_3d` takes after `poses`.

Two nodes run during the whole measurement, one without and one with a depth topic, and a camera
with depth of 640x480 for each. Slices alternate in which one of the cameras publishes. A listener
receives the depth images that the node without depth does not receive. So the same messages are
published and received in both slices.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
import tempfile
import time
from typing import Any

import numpy as np
from parts.rig import feed_and_record, USUAL_RATE
from parts.session import INPUT_SIZE
from parts.tally import Tally
from parts.timing import summarize
from programs.pictures import SIZES
from programs.processes import Program, start_feeder, start_listener, start_node
from programs.records import read_records

_SIZE = '640x480'
# Seconds at the start of a slice that do not count.
_SKIP = 0.3
# Seconds to wait for the nodes and listeners to discover each other.
_PATIENCE = 60.0


@dataclass(frozen=True)
class Side:
    """One of the two nodes, its camera, and its slices so far."""

    node: Program
    topic: str
    poses: Path
    tally: Tally = field(default_factory=Tally)
    #: Median latency of each slice, in ms.
    latencies: list[float] = field(default_factory=list)


def measure_depth(
    *, rounds: int, seconds: float, parameters: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the figures without and with depth, and those of `poses_3d`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        plain = _start(stack, folder, 'plain', parameters)
        deep = _start(stack, folder, 'deep', [*parameters, 'depth_topics:=[/deep/depth]'])
        positions = folder / 'positions'
        stack.enter_context(start_listener('positions', positions, ['/deep/poses_3d']))
        stack.enter_context(start_listener('images', folder / 'depth', ['/plain/depth']))
        height, width = SIZES[_SIZE]
        topics = [plain.topic, deep.topic]
        feeder = stack.enter_context(start_feeder(width, height, topics, depth=True))
        feeder.receive()
        _warm_up(feeder, topics, [plain.poses, folder / 'depth'], (deep.poses, positions))
        began = time.time_ns()
        for number in range(rounds):
            # The order alternates, too, as a slice may disturb the next one.
            for side in (plain, deep)[:: 1 if number % 2 else -1]:
                _measure_slice(feeder, side, seconds)
        return _summarize(plain, deep, positions, began)


def _start(stack: ExitStack, folder: Path, name: str, parameters: Sequence[str]) -> Side:
    """Start a node and a listener to its poses."""
    topic, poses = f'/{name}/image_raw', folder / name
    node = start_node([topic], f'input_size:={INPUT_SIZE}', *parameters)
    stack.enter_context(node)
    stack.enter_context(start_listener('poses', poses, [f'/{name}/poses']))
    return Side(node, topic, poses)


def _warm_up(
    feeder: Program, topics: list[str], files: Sequence[Path], pair: tuple[Path, Path]
) -> None:
    """Feed until every listener has received messages, and `pair` has some of the same image."""
    deadline = time.monotonic() + _PATIENCE
    while not all(len(read_records(path)) for path in files) or not _delays(*pair):
        if time.monotonic() > deadline:
            raise TimeoutError(f'no poses or no positions arrived within {_PATIENCE:.0f} s')
        feeder.send({'topics': topics, 'rate': USUAL_RATE / 2, 'seconds': 0.5})
        feeder.receive()


def _measure_slice(feeder: Program, side: Side, seconds: float) -> None:
    """Measure a slice in which one of the cameras publishes."""
    before = side.node.usage()
    stamps, records = feed_and_record(feeder, [side.topic], side.poses, USUAL_RATE, seconds)
    known = len(side.tally.latencies)
    side.tally.add(stamps, records, seconds=seconds, skip=_SKIP)
    after = side.node.usage()
    side.tally.cpu_seconds += after.cpu_seconds - before.cpu_seconds
    side.tally.resident_mb = after.resident_mb
    if len(side.tally.latencies) > known:
        side.latencies.append(float(np.median(side.tally.latencies[known:])))


def _summarize(plain: Side, deep: Side, positions: Path, began: int) -> dict[str, Any]:
    """
    Return the figures of all slices, the first of which began at a time in nanoseconds.

    Ratios are medians over the rounds.
    """
    delays = _delays(deep.poses, positions, began)
    published = sum(stamp >= began for _, stamp, _ in read_records(deep.poses).tolist())
    pairs = min(len(plain.latencies), len(deep.latencies))
    ratios = np.divide(deep.latencies[:pairs], plain.latencies[:pairs])
    return {
        'plain': {**plain.tally.figures(), **plain.tally.costs()},
        'deep': {**deep.tally.figures(), **deep.tally.costs()},
        'latency_ratio': round(float(np.median(ratios)), 4) if pairs else None,
        'poses_3d_after_poses': summarize(delays),
        'located': round(len(delays) / max(1, published), 4),
    }


def _delays(poses: Path, positions: Path, began: int = 0) -> list[float]:
    """
    Return how long `poses_3d` took after `poses`, in ms, for each image that has both.

    Images with a stamp before `began`, in nanoseconds, do not count.
    """
    published = {stamp: received for _, stamp, received in read_records(poses).tolist()}
    return [
        (received - published[stamp]) / 1e6
        for _, stamp, received in read_records(positions).tolist()
        if stamp >= began and stamp in published
    ]
