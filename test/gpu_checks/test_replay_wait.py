"""Whether a replayed run can be enqueued without waiting for its end."""

from typing import Any

from gpu_checks.gpu.host_stream import HostStream
from gpu_checks.plan import Plan
from gpu_checks.speed import replay_wait
from gpu_checks.speed.networks import MeasuredNetwork, Variant
from gpu_checks.speed.replay_wait import find_replay_wait
from networks import load
import pytest


@pytest.fixture(scope='module')
def network() -> MeasuredNetwork:
    load('mobilenet_v1_075', 16)  # skips the test if the model was not downloaded
    return MeasuredNetwork(Plan('cpu', 0, True), Variant(), HostStream())


def test_without_replays_it_is_not_known(network: MeasuredNetwork) -> None:
    assert find_replay_wait(network) is None


@pytest.mark.parametrize(('enqueued_ms', 'waits'), [(0.05, False), (0.95, True)])
def test_a_run_that_is_only_enqueued_waits_if_it_takes_as_long_as_one_that_waits(
    network: MeasuredNetwork, enqueued_ms: float, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_in_turns(*_: Any, **__: Any) -> dict[str, list[float]]:
        return {'waiting': [1.0], 'enqueued': [enqueued_ms]}

    monkeypatch.setattr(MeasuredNetwork, 'replays', True)
    monkeypatch.setattr(replay_wait, 'time_in_turns', time_in_turns)
    assert find_replay_wait(network) is waits
