"""Each part of the GPU check on the CPU, and the faults that the parts must find."""

from functools import cache
import json
from pathlib import Path
import re
from types import ModuleType
from typing import Any

from gpu_checks.correctness.subjects import default_graph, Graph
from gpu_checks.correctness.ways import find_ways, Opener
from gpu_checks.parts import (
    agreement,
    batches,
    doctor,
    long_run,
    PARTS,
    recovery,
    second_process,
    shapes,
    start_up,
    threads,
)
from gpu_checks.plan import Plan, Result
from machines import NO_RECORDING
import pytest

from posenet_ros.inference.graph import Feed
from posenet_ros.inference.graph_runs import GraphRun, Outputs

PLAN = Plan('cpu', 0, quick=True)


def not_met(found: Result) -> list[str]:
    return [target['what'] for target in found['targets'] if target['met'] is False]


def undecided(found: Result) -> list[str]:
    return [target['what'] for target in found['targets'] if target['met'] is None]


@cache
def rehearse(name: str) -> Result:
    """Return the result of a part, which runs only once."""
    return PARTS[name](PLAN)


@pytest.fixture(autouse=True)
def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start fewer processes; test_gpu_losses.py runs what is left out."""
    monkeypatch.setattr(
        recovery, '_LOSSES', {'context_reset': 'gpu_checks.losses.contexts:measure_reset'}
    )


# The other parts have tests of their own, which run them.
_OTHERS = {'stages', 'precisions', 'transfers', 'sizes', 'roofline', 'options', 'node'}


@pytest.mark.parametrize('name', sorted(PARTS.keys() - _OTHERS))
def test_each_part_runs_on_the_cpu_and_returns_json(name: str) -> None:
    found = rehearse(name)
    assert 'error' not in found
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize('name', ['doctor', 'shapes', 'batches', 'recovery', 'start_up'])
def test_on_the_cpu_no_target_is_missed(name: str) -> None:
    assert not_met(rehearse(name)) == []


@pytest.mark.parametrize(
    ('name', 'target'),
    [
        ('shapes', 'recorded runs are correct'),
        ('recovery', 'context_reset: the failure was provoked'),
        ('long_run', 'growth of GPU memory'),
        ('threads', 'growth of GPU memory'),
    ],
)
def test_what_only_a_gpu_has_is_undecided_with_a_reason(name: str, target: str) -> None:
    found = rehearse(name)
    assert target in undecided(found)
    assert found.get('context_reset', found)['reason']


def test_the_doctor_reports_the_providers_that_are_really_used() -> None:
    found = rehearse('doctor')
    assert found['doctor'][-1] == 'exit code: 0'
    assert found['nodes_by_provider'].keys() == {'CPUExecutionProvider'}


# The build of ONNX Runtime for the CPU warns, the one for GPUs prints a message.
@pytest.mark.filterwarnings('ignore:Specified provider')
def test_a_provider_that_is_missing_is_reported_and_the_rest_of_the_report_remains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, '_run_doctor', lambda plan: ['posenet_ros: 1'])
    found = doctor.measure(Plan('cuda', 0, quick=True))
    assert 'cuda cannot be used' in found['providers_used']['float32']
    assert found['doctor'] == ['posenet_ros: 1']
    assert len(not_met(found)) == 3


def test_the_cpu_agrees_with_itself_and_missing_models_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = rehearse('agreement')
    float32 = found['rows'][0]
    assert (float32['within_0.1_px'], float32['largest_px']) == (1, 0)
    assert float32['keypoints'] > 20

    missing = [Graph('mobilenet_v1_050', 16, 'float32', None, 'not downloaded')]
    monkeypatch.setattr(agreement, 'find_graphs', lambda precision: missing)
    found = agreement.measure(PLAN)
    assert found['left_out'] == ['mobilenet_v1_050 stride 16 float32: not downloaded'] * 2
    assert len(undecided(found)) == 2


def test_a_graph_that_does_not_run_is_a_target_that_is_not_met() -> None:
    found = agreement.measure(Plan('cuda', 0, quick=True))
    assert not_met(found) == [
        'mobilenet_v1_075 stride 16 float32: runs',
        'mobilenet_v1_075 stride 16 float16: runs',
    ]
    assert 'cuda cannot be used' in found['rows'][0]['error']


class StaleRun:
    """Returns the outputs of the first run of each shape again, as a bad recording would."""

    def __init__(self, run: GraphRun) -> None:
        self._run = run
        self._outputs: dict[object, Outputs] = {}

    def __call__(self, feed: Feed, options: Any) -> Outputs:
        if feed.shapes not in self._outputs:
            self._outputs[feed.shapes] = self._run(feed, options)
        return self._outputs[feed.shapes]


@pytest.mark.parametrize(('part', 'name'), [(shapes, 'recorded float32'), (batches, 'recorded')])
def test_a_recorded_run_with_the_inputs_of_another_image_is_found(
    part: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(plan: Plan, graph: Path, precision: str = 'float32') -> dict[str, Opener]:
        ways = find_ways(plan, graph, precision)
        return {'recorded': lambda: StaleRun(ways['bound']()), 'bound': ways['bound']}

    monkeypatch.setattr(part, 'find_ways', find)
    found = part.measure(PLAN)
    assert not_met(found) == [
        f'{name}: heads of another image',
        f'{name}: share of keypoints within 0.1 px',
    ]
    assert found.get('head_difference_of_recorded_and_bound', 1) > 0


@pytest.mark.parametrize('part', [shapes, batches], ids=['shapes', 'batches'])
def test_a_way_that_fails_is_reported_and_the_others_are_compared(
    part: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> GraphRun:
        raise RuntimeError(NO_RECORDING)

    def find(plan: Plan, graph: Path, precision: str = 'float32') -> dict[str, Opener]:
        return {'recorded': fail, 'plain': find_ways(plan, graph, precision)['plain']}

    monkeypatch.setattr(part, 'find_ways', find)
    found = part.measure(PLAN)
    (failed,) = not_met(found)
    assert re.fullmatch(r'recorded( float32)?: runs', failed)
    rows = found.get('ways') or found['rows']
    assert 'cannot use the graph capture feature' in rows[0]['error']
    assert rows[1]['images'] > 0


@pytest.mark.parametrize('name', ['shapes', 'batches'])
def test_a_way_for_which_no_time_is_left_is_undecided(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('GPU_CHECK_LIMIT_S', '0')
    found = PARTS[name](PLAN)
    assert len(found['left_out']) >= 2
    assert len(undecided(found)) > len(found['left_out'])
    assert not_met(found) == []


def test_what_is_left_out_by_other_parts_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('GPU_CHECK_LIMIT_S', '0')
    found = start_up.measure(PLAN)
    assert all('left_out' in row for row in found['starts'])
    assert undecided(found) == ['each start found poses']
    found = second_process.measure(PLAN)
    assert found['first']['images'] > 0
    assert 'second process: ran to its end' in undecided(found)
    assert not_met(found) == []


class LeakingDevice:
    """A GPU whose memory grows by 1 MB with each look at it."""

    def __init__(self) -> None:
        self._used = 100.0

    def used_mb(self) -> float:
        self._used += 1
        return self._used


@pytest.mark.parametrize('part', [long_run, threads], ids=['long_run', 'threads'])
def test_memory_that_grows_is_found(part: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, '_QUICK_THREADS', 20)
    monkeypatch.setattr(part, 'open_device', lambda plan: LeakingDevice())
    found = part.measure(PLAN)
    assert not_met(found) == ['growth of GPU memory']
    assert found['gpu_mb']['last_tenth'] - found['gpu_mb']['first_tenth'] > 8


def test_a_long_run_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_run, '_BUDGET_S', 0.0)
    found = long_run.measure(PLAN)
    assert (found['runs'], not_met(found)) == (0, [])
    assert 'runs' in undecided(found)


def test_a_start_that_fails_is_a_row_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_up, 'run_in_process', lambda *_, **__: {'error': 'crashed'})
    found = start_up.measure(PLAN)
    assert found['starts'] == [
        {'cache': 'cold', 'error': 'crashed'},
        {'cache': 'warm', 'error': 'crashed'},
    ]
    assert (found['cold_s'], not_met(found)) == (None, ['each start found poses'])


def test_a_second_process_runs_beside_the_first_and_both_are_right() -> None:
    found = rehearse('second_process')
    assert not_met(found) == []
    assert found['first']['images'] > 0
    assert found['second']['images'] > 0


def test_a_second_process_that_does_not_start_is_a_target_that_is_not_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(second_process, '_RIVAL', 'no_such_module')
    found = second_process.measure(PLAN)
    assert not_met(found) == ['second process: ran to its end']
    assert found['first']['images'] > 0


def test_a_failure_for_which_no_time_is_left_is_a_target_that_is_not_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recovery, '_BUDGET_S', 0.0)
    assert not_met(recovery.measure(PLAN)) == ['context_reset: ran to its end']


def test_recorded_runs_come_last_as_they_can_break_the_context_for_others() -> None:
    ways = find_ways(Plan('cuda', 0, quick=True), default_graph())
    assert list(ways) == ['plain', 'bound', 'recorded']
