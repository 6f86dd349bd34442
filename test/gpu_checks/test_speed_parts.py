"""The parts of the GPU check about speed: as a rehearsal, and with a simulated GPU."""

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from gpu_checks.correctness.subjects import people
from gpu_checks.gpu import device, stream
from gpu_checks.gpu.stream import open_stream, Stream
from gpu_checks.parts import options, PARTS
from gpu_checks.plan import Plan, Result
from gpu_checks.speed import networks, probes
from gpu_checks.speed.networks import MeasuredNetwork, open_network, PRECISIONS, Variant
from machines import BAD_OPTION, gpu_machine, Machine, NO_RECORDING, OUT_OF_MEMORY
from networks import load
import pytest
from simulated_driver import compile_driver

from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet import network

NAMES = ('stages', 'precisions', 'sizes', 'options', 'transfers', 'roofline')
CUDA = 'CUDAExecutionProvider'


@pytest.fixture(autouse=True)
def _models() -> None:
    """Skip the tests if the model was not downloaded."""
    load('mobilenet_v1_075', 16)


@pytest.fixture(scope='module')
def driver(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a simulated driver's library."""
    return str(compile_driver(tmp_path_factory.mktemp('driver')))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, driver: str, tmp_path: Path) -> Iterator[Machine]:
    """Return a machine with a simulated GPU, whose memory is the CPU's."""
    monkeypatch.setattr(network, 'engines_folder', lambda: tmp_path)
    with gpu_machine(monkeypatch) as made:
        monkeypatch.setattr(device, '_LIBRARY', driver)
        monkeypatch.setattr(stream, 'GPU_MEMORY', 'cpu')
        monkeypatch.setattr(networks, 'new_session', made.make)
        monkeypatch.setattr(probes, 'new_session', made.make)
        yield made


def cuda_options(machine: Machine) -> list[dict[str, str]]:
    """Return the options of CUDA of every session that was requested."""
    return [dict(providers)[CUDA] for providers in machine.requested]


def rows(value: Any) -> Iterator[Result]:
    """Return all rows of all tables in a result."""
    for one in value.values():
        if isinstance(one, list):
            yield from (row for row in one if isinstance(row, dict))


@pytest.mark.parametrize('name', NAMES)
def test_a_rehearsal_measures_every_figure_but_does_not_decide_the_target_of_a_gpu(
    name: str,
) -> None:
    result = PARTS[name](Plan('cpu', 0, True))
    json.dumps(result, allow_nan=False)
    assert result['clock'] == 'wall'
    figures = [row for row in rows(result) if 'what' not in row]
    assert figures
    assert [row for row in figures if None in row.values()] == []
    met = [target['met'] for target in result.get('targets', [])]
    assert met == {'stages': [None], 'transfers': [True]}.get(name, [])


@pytest.mark.parametrize('name', NAMES)
def test_all_sessions_on_a_gpu_use_the_stream_whose_events_measure_them(
    name: str, machine: Machine
) -> None:
    result = PARTS[name](Plan('cuda', 0, True))
    json.dumps(result, allow_nan=False)
    assert result['clock'] == 'events'
    streams = {options['user_compute_stream'] for options in cuda_options(machine)}
    assert len(streams) == 1
    assert streams != {'0'}
    assert {options['enable_cuda_graph'] for options in cuda_options(machine)} == {'1'}


def test_a_gpu_decides_the_target_that_image_to_poses_takes_little_more_than_the_network(
    machine: Machine,
) -> None:
    (target,) = PARTS['stages'](Plan('cuda', 0, True))['targets']
    assert target['met'] is not None
    assert target['limit'] == '<= 0.501'  # 1.3 times a microsecond of the simulated GPU, + 0.5 ms


def test_tensorfloat_32_is_on_in_one_network_only(machine: Machine) -> None:
    plan = Plan('cuda', 0, True)
    for precision in PRECISIONS:
        open_network(plan, Variant(precision=precision), open_stream(plan))
    assert [options['use_tf32'] for options in cuda_options(machine)] == ['0', '1', '0']


@pytest.mark.parametrize('name', ['precisions', 'sizes', 'options'])
def test_parts_that_need_many_engines_of_tensorrt_or_cuda_only_are_skipped(
    name: str, machine: Machine
) -> None:
    result = PARTS[name](Plan('tensorrt', 0, True))
    assert result['reason']
    assert machine.requested == []


@pytest.mark.parametrize('name', ['stages', 'transfers', 'roofline'])
def test_tensorrt_is_measured_with_one_engine(name: str, machine: Machine) -> None:
    result = PARTS[name](Plan('tensorrt', 0, True))
    assert result['clock'] == 'events'


def test_a_provider_that_refuses_the_stream_is_measured_without_it(machine: Machine) -> None:
    machine.starts['tensorrt'] = [BAD_OPTION]
    plan = Plan('tensorrt', 0, True)
    measured = open_network(plan, Variant(), open_stream(plan))
    described = measured.describe()
    assert described['on_our_stream'] is False
    assert BAD_OPTION.split()[-1] in described['notices'][-1]
    assert 'user_compute_stream' not in machine.requested[-1][0][1]


def test_a_network_whose_runs_cannot_be_recorded_is_measured_without(machine: Machine) -> None:
    machine.starts['cuda'] = [NO_RECORDING]
    plan = Plan('cuda', 0, True)
    described = open_network(plan, Variant(), open_stream(plan)).describe()
    assert described['cuda_graphs'] is False
    assert 'without CUDA graphs' in described['notices'][0]
    assert described['on_our_stream'] is True


@pytest.mark.parametrize('failures', [1, 3], ids=['created again', 'on another provider'])
def test_figures_of_a_session_that_was_replaced_are_an_error(
    machine: Machine, failures: int
) -> None:
    plan, image = Plan('cuda', 0, True), people(48, 64)
    measured = open_network(plan, Variant(), open_stream(plan))
    measured.describe()
    machine.runs['cuda'] = [OUT_OF_MEMORY] * failures
    measured.network.infer([image], [stretched((48, 64), (33, 49))])
    with pytest.raises(RuntimeError, match='memory'):
        measured.describe()


@pytest.mark.parametrize('name', ['sizes', 'transfers', 'roofline'])
def test_the_figures_of_a_session_that_was_replaced_are_missing_and_the_others_remain(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def describe(network: MeasuredNetwork) -> Result:
        raise RuntimeError('created again')

    monkeypatch.setattr(MeasuredNetwork, 'describe', describe)
    result = PARTS[name](Plan('cpu', 0, True))
    assert result['missing'] != []
    assert all('created again' in line for line in result['missing'])
    names = {'sizes': ['milliseconds', 'percent'], 'transfers': ['copies', 'runs']}
    for table in names.get(name, ['rows']):
        assert result[table] == []
    assert {target['met'] for target in result.get('targets', [])} <= {None}
    json.dumps(result, allow_nan=False)


def test_a_precision_whose_session_was_replaced_is_missing_and_the_others_remain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    describe = MeasuredNetwork.describe

    def describe_others(network: MeasuredNetwork) -> Result:
        if network.variant.precision == 'tf32':
            raise RuntimeError('created again')
        return describe(network)

    monkeypatch.setattr(MeasuredNetwork, 'describe', describe_others)
    result = PARTS['precisions'](Plan('cpu', 0, True))
    assert {row['precision'] for row in result['milliseconds']} == {'float32', 'float16'}
    assert [row['precision'] for row in result['against_float32']] == ['float16']
    assert len(result['missing']) == 1


def test_the_package_s_own_options_are_measured_before_others_that_may_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def open_others(plan: Plan, variant: Variant, on: Stream) -> MeasuredNetwork:
        if variant.options:
            raise RuntimeError('the context is broken')
        return open_network(plan, variant, on)

    monkeypatch.setattr(options, 'open_network', open_others)
    result = PARTS['options'](Plan('cpu', 0, True))
    assert len(result['rows']) == 2
    assert 'the context is broken' in result['missing'][0]
