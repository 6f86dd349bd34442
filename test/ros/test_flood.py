"""
A flood of random, broken and good images through posenet_node, over real DDS.

Two cameras, one of them compressed, while parameters, states and subscribers change. It is short
here; `make torture` runs it for longer.
"""

import time

from flood import Flood
from flood_images import ALL_KINDS
import numpy as np
from numpy.typing import NDArray
from process_memory import growth, resident_megabytes
import pytest
from ros_graph import Graph

SECONDS = 15.0

# MB of resident memory by which the last quarter of a run may exceed the first. Loading and
# freeing models repeatedly fragments the heap: by 54 to 62 MB in the first 350 rounds, by 90 MB
# after 2,000. Keeping one image of each round would be 270 MB.
TOLERANCE = 90

pytestmark = pytest.mark.usefixtures('network_075')


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
