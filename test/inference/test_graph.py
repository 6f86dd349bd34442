"""How the inputs of a feed lie in memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.inference.graph import ALIGNMENT, Feed, Layout


def feed(*arrays: NDArray[Any]) -> Feed:
    return Feed({f'input{number}': array for number, array in enumerate(arrays)}, {})


def test_views_of_one_array_share_its_memory() -> None:
    memory = np.zeros(3 * ALIGNMENT, np.uint8)
    pixels = memory[:12].reshape(2, 2, 3)
    fractions = memory[-ALIGNMENT:][:8].view(np.float32)
    assert feed(pixels, fractions).layout == Layout(3 * ALIGNMENT, (0, 2 * ALIGNMENT))


MEMORY = np.zeros(4 * ALIGNMENT, np.uint8)


@pytest.mark.parametrize(
    'arrays',
    [
        (np.zeros(4, np.uint8),),
        (MEMORY[:4], np.zeros(4, np.uint8)),
        (MEMORY[:4], MEMORY.copy()[ALIGNMENT:]),
        (MEMORY[:4], MEMORY[4:8]),
        (MEMORY[:8:2], MEMORY[ALIGNMENT:]),
        (np.zeros((2, ALIGNMENT), np.uint8)[0],),
        (np.zeros(ALIGNMENT, np.float32)[:4],),
        (np.frombuffer(bytes(4), np.uint8),),
    ],
    ids=[
        'owner',
        'only one is a view',
        'views of two arrays',
        'not aligned',
        'not contiguous',
        'view of a matrix',
        'view of numbers',
        'view of bytes',
    ],
)
def test_other_inputs_share_no_memory(arrays: tuple[NDArray[Any], ...]) -> None:
    assert feed(*arrays).layout is None
