"""Ways to move the tensors of a run, on the CPU."""

from collections.abc import Iterator

from gpu_checks.correctness.subjects import people
from gpu_checks.gpu.host_stream import HostStream
from gpu_checks.plan import Plan
from gpu_checks.speed.moves import Moves
from gpu_checks.speed.networks import MeasuredNetwork, Variant
from networks import load
import pytest

from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.graph_feed import make_feed


@pytest.fixture(scope='module')
def network() -> MeasuredNetwork:
    load('mobilenet_v1_075', 16)  # skips the test if the model was not downloaded
    return MeasuredNetwork(Plan('cpu', 0, True), Variant(), HostStream())


@pytest.fixture
def moves(network: MeasuredNetwork) -> Iterator[Moves]:
    made = Moves(network, make_feed([people(48, 64)], [stretched((48, 64), (33, 49))], 16))
    yield made
    made.close()


def test_every_way_can_be_measured(moves: Moves) -> None:
    for call in (*moves.copies().values(), *moves.runs().values()):
        call()


def test_all_ways_give_the_same_heads(moves: Moves) -> None:
    assert moves.agree()


@pytest.mark.parametrize('method', ['fill', 'enqueue_upload', 'enqueue_download'])
def test_a_way_that_uses_data_of_an_earlier_run_is_noticed(
    moves: Moves, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves._pinned, method, lambda: None)
    assert not moves.agree()


def test_runs_that_always_give_the_same_heads_are_noticed(
    moves: Moves, monkeypatch: pytest.MonkeyPatch
) -> None:
    for way in (moves._own, moves._separate):
        monkeypatch.setattr(way, 'upload', lambda *_: None)
    monkeypatch.setattr(moves._pinned, 'fill', lambda: None)
    assert not moves.agree()
