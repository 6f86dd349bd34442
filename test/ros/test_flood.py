"""
A flood of random, broken and good images through posenet_node, over real DDS.

Two cameras, one of them compressed, while parameters, states and subscribers change. It lasts
POSENET_FLOOD_SECONDS seconds; run it for an hour before a release (pytest -s shows its figures).
"""

import os
from pathlib import Path
import statistics
import time

from flood import Flood
from flood_images import ALL_KINDS
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph

SECONDS = float(os.environ.get('POSENET_FLOOD_SECONDS', '15'))

# MB of resident memory by which the last quarter of a run may exceed the first. Loading and
# freeing models repeatedly fragments the heap by that much in the first minutes.
TOLERANCE = 60

pytestmark = pytest.mark.usefixtures('network_075')


def resident_megabytes(process: int) -> float:
    """Return how much memory a process has in RAM."""
    status = Path(f'/proc/{process}/status').read_text()
    return int(status.partition('VmRSS:')[2].split()[0]) / 1024


def growth(samples: list[float]) -> float:
    """Return how far the median of the last quarter lies above that of the first."""
    quarter = len(samples) // 4
    return statistics.median(samples[-quarter:]) - statistics.median(samples[:quarter])


def test_every_good_image_is_processed_and_memory_does_not_grow_during_the_flood(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    flood = Flood(graph, astronaut)
    node = flood.start()
    memory: list[float] = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end or flood.rounds < 3 * ALL_KINDS:
        flood.next_round()
        if flood.rounds > 2 * ALL_KINDS:
            memory.append(resident_megabytes(node.process_id))
    print(
        f'{flood.rounds} rounds, {flood.transitions} changes of state; {memory[0]:.0f} MB at '
        f'first, {max(memory):.0f} at most, {growth(memory):+.1f} from first to last quarter'
    )
    for camera in flood.cameras:
        assert camera.processed == list(range(1, flood.rounds + 1))
        assert camera.processed_broken == 0
    assert growth(memory) < TOLERANCE
    assert node.end() == 0
    assert 'Traceback' not in node.output
