"""Starts of a small graph on the simulated machines in machines.py."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from machines import Machine, NO_RECORDING, OUT_OF_MEMORY
import pytest
from small_graphs import save_graph, small_feed

from posenet_ros.errors import ModelLoadError, ProviderError
from posenet_ros.inference.execution_providers import engine_folder, PROVIDERS
from posenet_ros.inference.graph import Feed, FirstRun, Metadata
from posenet_ros.inference.graph_runs import BoundRun, PlainRun
from posenet_ros.inference.graph_start import GraphStart
from posenet_ros.inference.machine.nvidia import Driver
from posenet_ros.inference.runtime_settings import RuntimeSettings

FEED = small_feed([1, 2], 3)


class Starts:
    """Creates starts, and records what they report."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        self.reported: list[str] = []
        self._graph = save_graph(folder)
        self._engines = folder / 'engines'
        self._machine = machine

    def make(
        self, feed: Callable[[Metadata], Feed] = lambda metadata: FEED, **settings: Any
    ) -> GraphStart:
        return GraphStart(
            graph=self._graph,
            settings=RuntimeSettings(**settings),
            first_run=FirstRun((2, 3), feed),
            engines=self._engines,
            driver=Driver((13, 0), ['Test GPU']),
            report=self.reported.append,
            factory=self._machine.make,
        )


@pytest.fixture
def starts(tmp_path: Path, machine: Machine) -> Starts:
    return Starts(tmp_path, machine)


@pytest.mark.parametrize(('name', 'kind'), [('cpu', PlainRun), ('cuda', BoundRun)])
def test_a_started_graph_runs_plainly_or_through_buffers_on_a_gpu(
    starts: Starts, name: str, kind: type
) -> None:
    assert type(starts.make().on(PROVIDERS[name]).run) is kind


def test_a_provider_gets_the_settings_that_apply_to_it(starts: Starts) -> None:
    settings: dict[str, Any] = {
        'precision': 'float16',
        'device_id': 2,
        'gpu_mem_limit_mb': 100,
        'intra_op_num_threads': 3,
    }
    request = starts.make(**settings).request
    assert {name: getattr(request, name) for name in settings} == settings


def test_the_first_feed_is_created_from_the_metadata(starts: Starts) -> None:
    seen: list[Metadata] = []

    def feed(metadata: Metadata) -> Feed:
        seen.append(metadata)
        return FEED

    started = starts.make(feed).on(PROVIDERS['cpu'])
    assert seen == [{'kind': 'small'}]
    assert started.metadata == {'kind': 'small'}


def test_if_the_owner_refuses_a_graph_the_provider_is_not_blamed(starts: Starts) -> None:
    def refuse(metadata: Metadata) -> Feed:
        raise ModelLoadError('of another release')

    with pytest.raises(ModelLoadError, match='of another release'):
        starts.make(refuse).on(PROVIDERS['cuda'])


def test_a_start_fails_when_its_first_run_fails(starts: Starts, machine: Machine) -> None:
    machine.runs['cpu'] = [OUT_OF_MEMORY]
    with pytest.raises(ProviderError, match='cpu cannot be used: out of memory'):
        starts.make().on(PROVIDERS['cpu'])


def test_a_known_obstacle_is_an_error_before_any_session(starts: Starts, machine: Machine) -> None:
    with pytest.raises(ProviderError, match='cuda cannot be used: device_id is 1'):
        starts.make(device_id=1).on(PROVIDERS['cuda'])
    assert machine.started == []


def test_a_graph_that_cannot_be_recorded_starts_without_recording(
    starts: Starts, machine: Machine
) -> None:
    machine.starts['cuda'] = [NO_RECORDING]
    starts.make().on(PROVIDERS['cuda'])
    (line,) = starts.reported
    assert line.startswith('cuda runs without CUDA graphs: cuda cannot be used: ')
    recorded = [options.get('enable_cuda_graph') for ((_, options), *_) in machine.requested]
    assert recorded == ['1', None]


def test_building_an_engine_is_announced(starts: Starts) -> None:
    start = starts.make()
    start.on(PROVIDERS['tensorrt'])
    assert starts.reported == ['building the tensorrt engine; this takes minutes, once']


def test_an_engine_folder_that_stays_empty_is_removed(starts: Starts) -> None:
    start = starts.make()
    start.on(PROVIDERS['tensorrt'])  # which builds nothing on this machine
    assert start.engines.is_dir()
    assert list(start.engines.iterdir()) == []


def test_an_engine_that_was_built_before_is_kept_and_not_announced(starts: Starts) -> None:
    start = starts.make()
    made = engine_folder(start.request) / 'made.engine'
    made.parent.mkdir(parents=True)
    made.touch()
    start.on(PROVIDERS['tensorrt'])
    assert starts.reported == []
    assert made.is_file()


def test_the_request_has_the_name_of_the_graph(starts: Starts) -> None:
    request = starts.make(device_id=0, precision='float16', gpu_mem_limit_mb=9).request
    assert (request.graph, request.sizes) == ('small', (2, 3))
    assert (request.precision, request.gpu_mem_limit_mb) == ('float16', 9)
    assert request.environment[0] == 'Test GPU'


@pytest.mark.parametrize('name', ['cpu', 'cuda'])
def test_a_graph_whose_outputs_have_other_shapes_is_refused_with_the_remedy(
    starts: Starts, name: str
) -> None:
    def feed(metadata: Metadata) -> Feed:
        return replace(FEED, output_shapes={'doubled': (2, 4), 'negated': (2, 3)})

    with pytest.raises(ModelLoadError if name == 'cpu' else ProviderError) as raised:
        starts.make(feed).on(PROVIDERS[name])
    if name == 'cpu':
        assert '(2, 3)' in str(raised.value)
        assert 'make it again' in str(raised.value)


def test_an_error_of_the_cpu_that_is_not_the_machines_is_blamed_on_the_graph(
    starts: Starts, machine: Machine
) -> None:
    machine.runs['cpu'] = ['[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : no kernel for Conv(99)']
    with pytest.raises(ModelLoadError, match=r'(?s)small\.onnx cannot be .*Conv.*make it again'):
        starts.make().on(PROVIDERS['cpu'])
    machine.runs['cpu'] = [OUT_OF_MEMORY]
    with pytest.raises(ProviderError, match='cpu cannot be used: out of memory'):
        starts.make().on(PROVIDERS['cpu'])


def test_an_engine_folder_that_cannot_be_created_is_an_error_of_the_provider(
    starts: Starts, tmp_path: Path
) -> None:
    (tmp_path / 'engines').write_text('')
    with pytest.raises(ProviderError, match='tensorrt cannot be used: its engine cannot be stor'):
        starts.make().on(PROVIDERS['tensorrt'])
