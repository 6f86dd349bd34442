"""Failures of a GPU under a network, on the simulated machines in machines.py."""

from functools import partial
from pathlib import Path
from typing import Any

from gpu_checks.losses import contexts, memory
from gpu_checks.losses.watched import open_watched, Watched
from gpu_checks.plan import Plan, Result
from machines import DEVICE_LOST, Machine, NO_DEVICE, OUT_OF_MEMORY
import pytest

from posenet_ros.inference.sessions import Providers
from posenet_ros.posenet.weights.store import find_graph

PLAN = Plan('cuda', 0, quick=True)
CUDA, CPU = 'CUDAExecutionProvider', 'CPUExecutionProvider'


class SimulatedDevice:
    """A GPU whose context can be lost; the sessions on its machine then fail."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def reset_context(self) -> None:
        self._machine.runs['cuda'] = [DEVICE_LOST]

    def break_context(self) -> None:
        self._machine.runs['cuda'] = [DEVICE_LOST]
        self._machine.starts['cuda'] = [NO_DEVICE] * 1000


class SimulatedTaker:
    """Another process that takes the memory of a machine's GPU."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def receive(self) -> Result:
        self._machine.runs['cuda'] = [None, OUT_OF_MEMORY]
        self._machine.starts['cuda'] = [OUT_OF_MEMORY] * 2
        return {'taken_mb': 1}

    def stop(self) -> list[Result]:
        return [{'taken_mb': 2}]


@pytest.fixture(autouse=True)
def simulate(machine: Machine, graph_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the checks run on the simulated machine."""

    def opened(plan: Plan, **settings: Any) -> tuple[Watched, SimulatedDevice]:
        watched, _ = open_watched(Plan('cuda', 0, quick=True), factory=machine.make, **settings)
        return watched, SimulatedDevice(machine)

    monkeypatch.setattr('gpu_checks.losses.watched.open_device', lambda plan: None)
    monkeypatch.setattr(memory, 'LARGE', (257, 353))
    monkeypatch.setattr(memory, 'Companion', lambda check, plan: SimulatedTaker(machine))
    for module in (contexts, memory):
        monkeypatch.setattr(module, 'open_watched', opened)


def not_met(found: Result) -> list[str]:
    return [target['what'] for target in found['targets'] if target['met'] is False]


def providers(found: Result) -> list[str]:
    return [step['provider'] for step in found['steps']]


def test_a_context_that_is_lost_twice_switches_to_the_cpu_until_the_wait_is_over() -> None:
    found = contexts.measure_reset(PLAN)
    assert not_met(found) == []
    assert found['returned'] is True
    assert providers(found) == [CUDA] * 4 + [CPU] * 2 + [CUDA] * 3


def test_a_context_that_stays_broken_leaves_the_network_on_the_cpu() -> None:
    found = contexts.measure_broken(PLAN)
    assert not_met(found) == []
    assert found['returned'] is False
    assert providers(found) == [CUDA] * 2 + [CPU] * 5


def test_a_network_without_memory_runs_on_the_cpu_until_the_wait_is_over() -> None:
    found = memory.measure_taken(PLAN)
    assert not_met(found) == []
    assert found['taker'] == [{'taken_mb': 1}, {'taken_mb': 2}]
    assert providers(found) == [CUDA] * 3 + [CPU] * 4 + [CUDA] * 3


def test_the_lowest_limit_with_which_the_network_starts_is_used(machine: Machine) -> None:
    machine.starts['cuda'] = [OUT_OF_MEMORY] * 2  # with CUDA graphs and without
    machine.runs['cuda'] = [None, None, None, OUT_OF_MEMORY, None, OUT_OF_MEMORY]
    found = memory.measure_limit(PLAN)
    assert found['limit_mb'] == 256
    assert not_met(found) == []
    assert found['steps'][2]['reported'][0].startswith('cuda failed: out of memory')


def test_a_failure_that_does_not_happen_is_a_target_that_is_not_met() -> None:
    assert not_met(memory.measure_limit(PLAN)) == ['the failure was provoked']


def test_a_provider_that_does_not_return_is_a_target_that_is_not_met(machine: Machine) -> None:
    started: list[str | None] = [None]
    machine.starts['cuda'] = [*started, *[NO_DEVICE] * 100]
    machine.runs['cuda'] = [None, None, None, OUT_OF_MEMORY]
    assert not_met(memory.measure_limit(PLAN)) == ['the provider returned after the wait']
    machine.starts['cuda'] = [*started, *[NO_DEVICE] * 100]
    assert not_met(contexts.measure_reset(PLAN)) == []


def test_wrong_poses_are_a_target_that_is_not_met(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = find_graph('mobilenet_v1_075', 8)

    def make(graph: Path, given: Providers, threads: int) -> Any:
        return machine.make(other, given, threads)

    monkeypatch.setattr(contexts, 'open_watched', partial(open_watched, factory=make))
    found = contexts.measure_broken(PLAN)
    assert 'each image was processed, with the right poses' in not_met(found)
    assert not any(step['right'] for step in found['steps'])


def test_an_image_that_is_not_processed_is_a_target_that_is_not_met(machine: Machine) -> None:
    machine.runs['cuda'] = [None, None, OUT_OF_MEMORY]
    machine.starts['cuda'] = [None, *[OUT_OF_MEMORY] * 100]
    machine.starts['cpu'] = [OUT_OF_MEMORY] * 2
    watched = Watched(PLAN, factory=machine.make)
    for _ in range(2):
        watched.run('step')
    assert 'out of memory' in watched.steps[1]['error']
    assert not_met(watched.result(provoked=True, returns=False)) == [
        'each image was processed, with the right poses'
    ]


def test_in_a_rehearsal_nothing_is_provoked_and_all_images_are_right() -> None:
    watched = Watched(Plan('cpu', 0, quick=True))
    watched.run('step')
    found = watched.result(provoked=None, reason='there is no GPU')
    assert [target['met'] for target in found['targets']] == [None, True, None]
