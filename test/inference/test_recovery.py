"""Recovery from a provider that fails during a run, on the simulated machines in machines.py."""

from pathlib import Path
from typing import Any

from machines import DEVICE_LOST, Machine, NO_DEVICE, OUT_OF_MEMORY, Start
import numpy as np
from numpy.typing import NDArray
import pytest
from small_graphs import save_graph, small_feed

from posenet_ros.errors import NetworkError
from posenet_ros.framing.sampling import Samples
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.execution_providers import PROVIDERS
from posenet_ros.inference.graph import FirstRun
from posenet_ros.inference.recovery import (
    FIRST_WAIT_S,
    MAX_WAIT_S,
    Recovery,
    RESTART_COUNTS_S,
)
from posenet_ros.inference.runtime import Runtime
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet import graph_feed

Images = list[NDArray[np.uint8]]

FRAMINGS = [stretched((40, 60), (33, 49))] * 2


@pytest.mark.parametrize('run_error', [OUT_OF_MEMORY, DEVICE_LOST])
def test_after_an_error_the_session_is_created_again_and_the_images_are_inferred(
    start: Start, machine: Machine, images: Images, run_error: str
) -> None:
    network, reported = start()
    machine.runs['cuda'] = [run_error]
    assert len(network.infer(images, FRAMINGS)) == 2
    assert machine.started == ['cuda', 'cuda']
    assert network.execution_provider == 'CUDAExecutionProvider'
    assert 'created again' in reported[-1]
    assert network.notices == tuple(reported)


def test_a_session_that_failed_is_freed_before_the_next_is_created(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [OUT_OF_MEMORY]
    network.infer(images, FRAMINGS)
    assert machine.freed == [True, True]


def test_after_a_second_error_the_next_provider_infers_the_images(
    start: Start, machine: Machine, images: Images
) -> None:
    network, reported = start()
    # The new session completes its first run and fails in the second.
    machine.runs['cuda'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY]
    assert len(network.infer(images, FRAMINGS)) == 2
    assert network.execution_provider == 'CPUExecutionProvider'
    assert 'cuda failed: out of memory' in reported[-1]
    assert 'cpu now runs the network' in reported[-1]


def test_the_second_error_may_come_many_images_later(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [DEVICE_LOST]
    network.infer(images, FRAMINGS)
    network.infer(images, FRAMINGS)
    machine.runs['cuda'] = [DEVICE_LOST]
    network.infer(images, FRAMINGS)
    assert network.execution_provider == 'CPUExecutionProvider'


def test_the_session_of_the_next_provider_is_also_created_again_once(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY]
    machine.runs['cpu'] = [None, OUT_OF_MEMORY]
    assert len(network.infer(images, FRAMINGS)) == 2
    assert machine.started == ['cuda', 'cuda', 'cpu', 'cpu']


def test_the_next_provider_takes_over_when_the_session_cannot_be_created_again(
    start: Start, machine: Machine, images: Images
) -> None:
    network, reported = start(execution_provider='cuda')
    machine.runs['cuda'] = [DEVICE_LOST]
    machine.starts['cuda'] = [NO_DEVICE, NO_DEVICE]
    assert len(network.infer(images, FRAMINGS)) == 2
    assert network.execution_provider == 'CPUExecutionProvider'
    assert 'sees no GPU' in reported[-1]


def test_the_last_provider_is_tried_again_with_the_next_image(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start(execution_provider='cpu')
    machine.runs['cpu'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY, OUT_OF_MEMORY]
    for _ in range(2):
        with pytest.raises(NetworkError, match='cpu failed: out of memory'):
            network.infer(images, FRAMINGS)
    assert len(network.infer(images, FRAMINGS)) == 2
    assert machine.started == ['cpu', 'cpu']


def test_the_last_provider_is_started_again_with_the_next_image_when_it_had_no_session(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start(execution_provider='cpu')
    machine.runs['cpu'] = [OUT_OF_MEMORY]
    machine.starts['cpu'] = [OUT_OF_MEMORY]
    with pytest.raises(NetworkError, match='out of memory'):
        network.infer(images, FRAMINGS)
    assert len(network.infer(images, FRAMINGS)) == 2


def test_an_interrupted_run_is_not_recovered_from(
    start: Start, machine: Machine, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = start()

    def interrupt(name: str) -> None:
        network.interrupt()
        raise RuntimeError('Exiting due to terminate flag being set to true.')

    monkeypatch.setattr(machine, 'next_run', interrupt)
    with pytest.raises(NetworkError, match='interrupted'):
        network.infer(images, FRAMINGS)
    assert machine.started == ['cuda']
    assert network.notices == ()


def test_an_input_that_onnxruntime_rejects_is_not_recovered_from(
    start: Start, machine: Machine, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = start(execution_provider='cpu')
    with_alpha = Samples(
        np.zeros((4, 2, 33, 49, 4), np.uint8),
        np.zeros((2, 33, 1, 1), np.float32),
        np.zeros((2, 1, 49, 3), np.float32),
    )
    monkeypatch.setattr(graph_feed, 'sample_images', lambda images, framings: with_alpha)
    with pytest.raises(NetworkError, match='INVALID_ARGUMENT'):
        network.infer(images, FRAMINGS)
    assert machine.started == ['cpu']


class Rig:
    """A small graph that runs on a machine, and the time there, which only a test changes."""

    def __init__(self, folder: Path, machine: Machine, **settings: Any) -> None:
        self.machine = machine
        self.now = 1000.0
        self.reported: list[str] = []
        self.runtime = Runtime(
            save_graph(folder),
            RuntimeSettings(**settings),
            first_run=FirstRun((2, 3), lambda metadata: small_feed([1, 2], 3)),
            engines=folder / 'engines',
            report=self.reported.append,
            factory=machine.make,
            clock=lambda: self.now,
        )

    def run(self, after: float = 0.0, *, cuda: list[str | None] | None = None) -> str:
        """Run the graph after some seconds and return the name of the provider that ran it."""
        self.now += after
        self.machine.runs['cuda'] = cuda or []
        doubled, _ = self.runtime.run(small_feed([1, 2], 3))
        assert doubled.tolist() == [[2, 2, 2], [4, 4, 4]]
        return self.runtime.provider.name

    def drop_cuda(self) -> None:
        """Make CUDA fail twice."""
        assert self.run(cuda=[DEVICE_LOST, None, DEVICE_LOST]) == 'cpu'


@pytest.fixture
def rig(tmp_path: Path, machine: Machine) -> Rig:
    return Rig(tmp_path, machine)


def test_failures_that_are_far_apart_never_switch_the_provider(rig: Rig) -> None:
    for _ in range(20):
        assert rig.run(RESTART_COUNTS_S + 1, cuda=[DEVICE_LOST]) == 'cuda'
    assert all('created again' in line for line in rig.reported)


def test_a_second_failure_while_the_first_counts_switches_the_provider(rig: Rig) -> None:
    assert rig.run(cuda=[DEVICE_LOST]) == 'cuda'
    assert rig.run(RESTART_COUNTS_S - 1, cuda=[DEVICE_LOST]) == 'cpu'
    assert 'cuda is tried again in 5 minutes' in rig.reported[-1]


def test_a_dropped_provider_returns_after_the_wait_with_a_notice(rig: Rig) -> None:
    rig.drop_cuda()
    assert rig.run(FIRST_WAIT_S - 1) == 'cpu'
    assert rig.run(1) == 'cuda'
    assert rig.runtime.notices[-1] == 'cuda works again and runs the network'


def test_a_provider_that_still_fails_is_tried_again_after_growing_waits(rig: Rig) -> None:
    rig.drop_cuda()
    begin, tried = rig.now, []
    notices = list(rig.runtime.notices)
    rig.machine.starts['cuda'] = [NO_DEVICE] * 1000
    for _ in range(6 * 60):
        before = len(rig.machine.requested)
        assert rig.run(60) == 'cpu'
        if len(rig.machine.requested) > before:
            tried.append((rig.now - begin) / 60)
    assert tried == [5, 15, 35, 75, 135, 195, 255, 315]
    assert list(rig.runtime.notices) == notices
    assert 'the network stays on cpu, and cuda is tried again in 60 minutes' in rig.reported[-1]


def test_the_cpu_infers_the_image_during_which_a_provider_was_tried_in_vain(rig: Rig) -> None:
    rig.drop_cuda()
    assert rig.run(FIRST_WAIT_S, cuda=[OUT_OF_MEMORY] * 2) == 'cpu'
    assert rig.machine.started[-3:] == ['cpu', 'cuda', 'cuda']  # with CUDA graphs and without


def test_a_provider_that_returned_and_soon_fails_is_dropped_at_once_and_waits_longer(
    rig: Rig,
) -> None:
    rig.drop_cuda()
    assert rig.run(FIRST_WAIT_S) == 'cuda'
    assert rig.run(60, cuda=[DEVICE_LOST]) == 'cpu'
    assert 'tried again in 10 minutes' in rig.reported[-1]
    assert rig.run(FIRST_WAIT_S) == 'cpu'
    assert rig.run(FIRST_WAIT_S) == 'cuda'


def test_the_wait_starts_over_when_a_provider_has_worked_for_long(rig: Rig) -> None:
    rig.drop_cuda()
    assert rig.run(FIRST_WAIT_S) == 'cuda'
    rig.now += MAX_WAIT_S + 1
    rig.drop_cuda()
    assert 'tried again in 5 minutes' in rig.reported[-1]


def test_a_dropped_provider_returns_even_if_no_other_one_has_a_session(rig: Rig) -> None:
    rig.machine.starts['cpu'] = [OUT_OF_MEMORY] * 1000
    with pytest.raises(NetworkError, match='cpu cannot be used: out of memory'):
        rig.drop_cuda()
    assert 'cuda failed: ' in rig.runtime.notices[-1]
    assert 'cuda is tried again in 5 minutes' in rig.runtime.notices[-1]
    with pytest.raises(NetworkError, match='cpu cannot be used: out of memory'):
        rig.run(FIRST_WAIT_S - 1)
    assert rig.run(1) == 'cuda'


def test_a_provider_that_had_no_session_says_so_when_it_runs_the_network(rig: Rig) -> None:
    rig.machine.starts['cpu'] = [OUT_OF_MEMORY]
    with pytest.raises(NetworkError, match='out of memory'):
        rig.drop_cuda()
    assert rig.run() == 'cpu'
    assert rig.runtime.notices[-1] == 'cpu now runs the network'


def test_a_tensorrt_engine_is_not_built_to_recover(tmp_path: Path, machine: Machine) -> None:
    rig = Rig(tmp_path, machine, execution_provider='tensorrt')
    machine.runs['tensorrt'] = [DEVICE_LOST, None, DEVICE_LOST]
    assert rig.run() == 'cuda'
    started = machine.started
    assert rig.run(FIRST_WAIT_S) == 'cuda'
    assert machine.started == started


def test_an_interrupt_while_a_provider_is_tried_again_ends_the_run(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.drop_cuda()

    def interrupt(*_: object) -> None:
        rig.runtime.interrupt()
        raise RuntimeError(NO_DEVICE)

    monkeypatch.setattr(rig.machine, 'next_run', interrupt)
    with pytest.raises(NetworkError, match='interrupted'):
        rig.run(FIRST_WAIT_S)


def test_only_the_latest_notices_are_kept(rig: Rig) -> None:
    for _ in range(50):
        rig.run(RESTART_COUNTS_S + 1, cuda=[DEVICE_LOST])
    assert len(rig.reported) == 50
    assert list(rig.runtime.notices) == rig.reported[-10:]


def test_a_restart_is_a_warning_while_it_counts(rig: Rig) -> None:
    assert rig.runtime.warning is None
    rig.run(cuda=[DEVICE_LOST])
    rig.now += RESTART_COUNTS_S
    assert rig.runtime.warning == rig.reported[-1]
    rig.now += 1
    assert rig.runtime.warning is None
    assert list(rig.runtime.notices) == rig.reported


def test_a_dropped_provider_is_a_warning_until_it_has_worked_again_for_some_minutes(
    rig: Rig,
) -> None:
    rig.drop_cuda()
    dropped = rig.reported[-1]
    rig.now += FIRST_WAIT_S - 1
    assert rig.runtime.warning == dropped
    assert rig.run(1) == 'cuda'
    assert rig.runtime.warning == 'cuda works again and runs the network'
    rig.now += RESTART_COUNTS_S + 1
    assert rig.runtime.warning is None
    assert dropped in rig.runtime.notices


def test_a_provider_that_is_tried_again_in_vain_stays_a_warning(rig: Rig) -> None:
    rig.drop_cuda()
    dropped = rig.reported[-1]
    rig.machine.starts['cuda'] = [NO_DEVICE] * 1000
    for _ in range(20):
        rig.run(RESTART_COUNTS_S + 1)
        assert rig.runtime.warning == dropped


def test_what_was_noticed_at_the_start_is_always_a_warning(
    tmp_path: Path, machine: Machine
) -> None:
    machine.starts['cuda'] = [NO_DEVICE] * 2
    rig = Rig(tmp_path, machine, precision='float16')
    at_start = '; '.join(rig.reported)
    assert 'cpu runs the network; precision float16 is slower' in at_start
    machine.runs['cpu'] = [OUT_OF_MEMORY]
    rig.run()
    assert rig.runtime.warning == rig.reported[-1] != at_start
    rig.now += RESTART_COUNTS_S + 1
    assert rig.runtime.warning == at_start


def test_all_dropped_providers_are_tried_the_best_first() -> None:
    now = [0.0]
    tensorrt, cuda, cpu = (PROVIDERS[name] for name in ('tensorrt', 'cuda', 'cpu'))
    recovery = Recovery([tensorrt, cuda, cpu], lambda: now[0])
    recovery.drop()
    now[0] += 10
    recovery.drop()
    assert (recovery.provider, recovery.is_last) == (cpu, True)
    assert recovery.due() == []
    now[0] += FIRST_WAIT_S
    assert recovery.due() == [tensorrt, cuda]
    recovery.return_to(cuda)
    assert (recovery.provider, recovery.is_last) == (cuda, False)
    now[0] += MAX_WAIT_S
    assert recovery.due() == [tensorrt]
    recovery.return_to(tensorrt)
    now[0] += MAX_WAIT_S
    assert recovery.due() == []


def test_the_wait_starts_over_even_while_another_provider_stays_dropped() -> None:
    now = [0.0]
    recovery = Recovery([PROVIDERS[name] for name in ('tensorrt', 'cuda', 'cpu')], lambda: now[0])
    recovery.drop()
    recovery.drop()
    now[0] += FIRST_WAIT_S
    assert PROVIDERS['cuda'] in recovery.due()
    recovery.return_to(PROVIDERS['cuda'])
    now[0] += MAX_WAIT_S + 1
    assert recovery.due() == [PROVIDERS['tensorrt']]  # which still fails
    recovery.drop()
    assert recovery.retry_minutes == FIRST_WAIT_S / 60


def test_a_candidate_that_cannot_be_used_here_is_never_tried_again() -> None:
    now = [0.0]
    recovery = Recovery([PROVIDERS['cuda'], PROVIDERS['cpu']], lambda: now[0])
    recovery.skip()
    now[0] += 10 * MAX_WAIT_S
    assert recovery.due() == []
