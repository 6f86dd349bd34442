"""What happens when a provider fails at run time; the machines are those of machines.py."""

from machines import DEVICE_LOST, Machine, NO_DEVICE, OUT_OF_MEMORY, Start
import numpy as np
import pytest

from posenet_ros.errors import NetworkError
from posenet_ros.inference.graph_runs import Images

SIZE = (33, 49)


@pytest.mark.parametrize('run_error', [OUT_OF_MEMORY, DEVICE_LOST])
def test_an_error_at_run_time_makes_the_session_anew_and_the_image_is_answered(
    start: Start, machine: Machine, images: Images, run_error: str
) -> None:
    network, told = start()
    machine.runs['cuda'] = [run_error]
    assert len(network.run(images, SIZE)) == 2
    assert machine.started == ['cuda', 'cuda']
    assert network.execution_provider == 'CUDAExecutionProvider'
    assert 'made anew' in told[-1]
    assert network.notices == tuple(told)


def test_a_session_that_failed_is_let_go_before_the_next_is_made(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [OUT_OF_MEMORY]
    network.run(images, SIZE)
    assert machine.let_go == [True, True]


def test_a_second_error_brings_the_next_provider_and_the_image_is_answered(
    start: Start, machine: Machine, images: Images
) -> None:
    network, told = start()
    # The new session passes its first run and fails at the image.
    machine.runs['cuda'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY]
    assert len(network.run(images, SIZE)) == 2
    assert network.execution_provider == 'CPUExecutionProvider'
    assert 'cuda failed: out of memory' in told[-1]
    assert 'cpu runs the network now' in told[-1]


def test_the_second_error_may_come_many_images_later(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [DEVICE_LOST]
    network.run(images, SIZE)
    network.run(images, SIZE)
    machine.runs['cuda'] = [DEVICE_LOST]
    network.run(images, SIZE)
    assert network.execution_provider == 'CPUExecutionProvider'


def test_the_provider_that_took_over_is_made_anew_once_as_well(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start()
    machine.runs['cuda'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY]
    machine.runs['cpu'] = [None, OUT_OF_MEMORY]
    assert len(network.run(images, SIZE)) == 2
    assert machine.started == ['cuda', 'cuda', 'cpu', 'cpu']


def test_a_session_that_cannot_be_made_anew_brings_the_next_provider(
    start: Start, machine: Machine, images: Images
) -> None:
    network, told = start(execution_provider='cuda')
    machine.runs['cuda'] = [DEVICE_LOST]
    machine.starts['cuda'] = [NO_DEVICE, NO_DEVICE]
    assert len(network.run(images, SIZE)) == 2
    assert network.execution_provider == 'CPUExecutionProvider'
    assert 'sees no GPU' in told[-1]


def test_the_last_provider_stays_and_is_tried_again_with_the_next_image(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start(execution_provider='cpu')
    machine.runs['cpu'] = [OUT_OF_MEMORY, None, OUT_OF_MEMORY, OUT_OF_MEMORY]
    for _ in range(2):
        with pytest.raises(NetworkError, match='cpu failed: out of memory'):
            network.run(images, SIZE)
    assert len(network.run(images, SIZE)) == 2
    assert machine.started == ['cpu', 'cpu']


def test_a_last_provider_that_cannot_be_made_anew_is_tried_again_with_the_next_image(
    start: Start, machine: Machine, images: Images
) -> None:
    network, _ = start(execution_provider='cpu')
    machine.runs['cpu'] = [OUT_OF_MEMORY]
    machine.starts['cpu'] = [OUT_OF_MEMORY]
    with pytest.raises(NetworkError, match='out of memory'):
        network.run(images, SIZE)
    assert len(network.run(images, SIZE)) == 2


def test_an_interrupted_run_makes_nothing_anew(
    start: Start, machine: Machine, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = start()

    def interrupted_meanwhile(name: str) -> None:
        network.interrupt()
        raise RuntimeError('Exiting due to terminate flag being set to true.')

    monkeypatch.setattr(machine, 'next_run', interrupted_meanwhile)
    with pytest.raises(NetworkError, match='interrupted'):
        network.run(images, SIZE)
    assert machine.started == ['cuda']
    assert network.notices == ()


def test_an_input_that_onnxruntime_refuses_makes_nothing_anew(
    start: Start, machine: Machine
) -> None:
    network, _ = start(execution_provider='cpu')
    with pytest.raises(NetworkError, match='INVALID_ARGUMENT'):
        network.run(np.zeros((1, 20, 20, 4), np.uint8), SIZE)
    assert machine.started == ['cpu']
