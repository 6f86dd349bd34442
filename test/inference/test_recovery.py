"""Recovery from a provider that fails during a run, on the simulated machines in machines.py."""

from machines import DEVICE_LOST, Machine, NO_DEVICE, OUT_OF_MEMORY, Start
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import NetworkError
from posenet_ros.framing.framing import Framing

Images = list[NDArray[np.uint8]]

FRAMING = Framing((40, 60), (33, 49))


@pytest.mark.parametrize('run_error', [OUT_OF_MEMORY, DEVICE_LOST])
def test_after_an_error_the_session_is_created_again_and_the_images_are_inferred(
    start: Start, machine: Machine, images: Images, run_error: str
) -> None:
    network, reported = start()
    machine.runs['cuda'] = [run_error]
    assert len(network.infer(images, FRAMING)) == 2
    assert machine.started == ['cuda', 'cuda']
    assert network.execution_provider == 'CUDAExecutionProvider'
    assert 'created again' in reported[-1]
    assert network.notices == tuple(reported)


def test_a_session_that_failed_is_freed_before_the_next_is_created(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [OUT_OF_MEMORY]
    network.infer(images, FRAMING)
    assert machine.freed == [True, True]


def test_after_a_second_error_the_next_provider_infers_the_images(
    start: Start, machine: Machine, images: Images
) -> None:
    network, reported = start()
    # The new session completes its first run and fails in the second.
    machine.runs['cuda'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY]
    assert len(network.infer(images, FRAMING)) == 2
    assert network.execution_provider == 'CPUExecutionProvider'
    assert 'cuda failed: out of memory' in reported[-1]
    assert 'cpu now runs the network' in reported[-1]


def test_the_second_error_may_come_many_images_later(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [DEVICE_LOST]
    network.infer(images, FRAMING)
    network.infer(images, FRAMING)
    machine.runs['cuda'] = [DEVICE_LOST]
    network.infer(images, FRAMING)
    assert network.execution_provider == 'CPUExecutionProvider'


def test_the_session_of_the_next_provider_is_also_created_again_once(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY]
    machine.runs['cpu'] = [None, OUT_OF_MEMORY]
    assert len(network.infer(images, FRAMING)) == 2
    assert machine.started == ['cuda', 'cuda', 'cpu', 'cpu']


def test_the_next_provider_takes_over_when_the_session_cannot_be_created_again(
    start: Start, machine: Machine, images: Images
) -> None:
    network, reported = start(execution_provider='cuda')
    machine.runs['cuda'] = [DEVICE_LOST]
    machine.starts['cuda'] = [NO_DEVICE, NO_DEVICE]
    assert len(network.infer(images, FRAMING)) == 2
    assert network.execution_provider == 'CPUExecutionProvider'
    assert 'sees no GPU' in reported[-1]


def test_the_last_provider_is_tried_again_with_the_next_image(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start(execution_provider='cpu')
    machine.runs['cpu'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY, OUT_OF_MEMORY]
    for _ in range(2):
        with pytest.raises(NetworkError, match='cpu failed: out of memory'):
            network.infer(images, FRAMING)
    assert len(network.infer(images, FRAMING)) == 2
    assert machine.started == ['cpu', 'cpu']


def test_the_last_provider_is_started_again_with_the_next_image_when_it_had_no_session(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start(execution_provider='cpu')
    machine.runs['cpu'] = [OUT_OF_MEMORY]
    machine.starts['cpu'] = [OUT_OF_MEMORY]
    with pytest.raises(NetworkError, match='out of memory'):
        network.infer(images, FRAMING)
    assert len(network.infer(images, FRAMING)) == 2


def test_an_interrupted_run_is_not_recovered_from(
    start: Start, machine: Machine, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = start()

    def interrupt(name: str) -> None:
        network.interrupt()
        raise RuntimeError('Exiting due to terminate flag being set to true.')

    monkeypatch.setattr(machine, 'next_run', interrupt)
    with pytest.raises(NetworkError, match='interrupted'):
        network.infer(images, FRAMING)
    assert machine.started == ['cuda']
    assert network.notices == ()


def test_an_input_that_onnxruntime_rejects_is_not_recovered_from(
    start: Start, machine: Machine, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = start(execution_provider='cpu')
    with_alpha = np.zeros((1, 40, 60, 4), np.uint8)
    monkeypatch.setattr(Framing, 'batch', lambda framing, images: with_alpha)
    with pytest.raises(NetworkError, match='INVALID_ARGUMENT'):
        network.infer(images, FRAMING)
    assert machine.started == ['cpu']
