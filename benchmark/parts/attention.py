"""
Measure the node with a closer look, like parts/traffic.py.

Input: the number of rounds, the duration of a slice, numbers of people and cameras, and the node's
parameters. Output: latency, rates and costs by number of people, number of cameras and load.
"""

from collections.abc import Sequence
from typing import Any

from parts.traffic import measure_traffic

_SIZE = '640x480'


def measure_attention(
    *,
    rounds: int,
    seconds: float,
    people: Sequence[int] = (1, 5),
    cameras: Sequence[int] = (1, 4),
    parameters: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the figures by the number of people, the number of cameras, and load."""
    return {
        str(number): measure_traffic(
            rounds=rounds,
            seconds=seconds,
            sizes=[_SIZE],
            cameras=cameras,
            people=number,
            parameters=[*parameters, 'attention:=closer_look'],
        )[_SIZE]
        for number in people
    }
