"""The benchmark: it runs, decides where to write, and renders its figures."""

from functools import partial
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

from golden import ROOT
from machine import busy_load, describe_machine
import numpy as np
from numpy.typing import NDArray
from parts import recordings, session
from parts.recordings import measure_command
from parts.tally import Tally
from parts.timing import median_ratio, summarize, time_in_turns
import pytest
from report.page import render_page
from report.targets import evaluate_targets, TARGETS
import run

RESULTS = ROOT / 'benchmark' / 'results.json'


@pytest.fixture(scope='module')
def quick(tmp_path_factory: pytest.TempPathFactory, network_075: object) -> dict[str, Any]:
    """Run the benchmark briefly and return the results that it wrote."""
    folder = tmp_path_factory.mktemp('quick')
    paths = os.pathsep.join([str(ROOT / 'test' / 'support'), os.environ.get('PYTHONPATH', '')])
    done = subprocess.run(
        [sys.executable, ROOT / 'benchmark' / 'run.py', '--quick', '--output', folder],
        env={**os.environ, 'PYTHONPATH': paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout
    results: dict[str, Any] = json.loads((folder / 'results.json').read_text())
    assert (folder / 'benchmark.md').read_text() == render_page(results)
    return results


def test_results_contain_the_machine_versions_settings_and_load(quick: dict[str, Any]) -> None:
    assert set(quick['machine']) >= {'cpu', 'cores', 'kernel', 'memory_mb'}
    wanted = {'python', 'onnxruntime', 'numpy', 'opencv', 'ros', 'rmw'}
    assert {quick['versions'][name] for name in wanted}.isdisjoint({'', 'unknown'})
    assert quick['settings']['quick'] is True
    assert set(quick['conditions']) == set(quick['parts'])


def test_every_part_is_measured(quick: dict[str, Any]) -> None:
    parts = quick['parts']
    assert parts['stages']['640x480']['times']['session']['median'] > 0
    assert parts['decoding']['all']['found']['30'] == 30
    assert set(parts['sweeps']) == {'image_size', 'input_size', 'network'}
    assert parts['recordings']['images'] == 6
    assert parts['recordings']['cpu']['bag']['median'] > 0
    node = parts['node']['640x480']['1']['30 Hz']['node']
    assert node['received'] > 0
    assert node['latency']['median'] > 0
    assert parts['attention']['5']['1']['30 Hz']['node']['received'] > 0
    assert 'latency_ratio' in parts['depth']
    assert parts['depth']['located'] > 0
    assert parts['start']['ready']['median'] > 0
    assert parts['memory']['images'] >= 50


def test_calls_take_turns() -> None:
    order: list[str] = []
    calls = {name: partial(order.append, name) for name in 'ab'}
    times = time_in_turns(calls, 5)
    assert order == ['a', 'b'] * 6  # one round is the warm-up
    assert [len(values) for values in times.values()] == [5, 5]


def test_a_ratio_is_the_median_of_the_ratios_of_all_rounds() -> None:
    assert median_ratio({'one': [2.0, 9.0, 4.0], 'other': [1.0, 1.0, 4.0]}, 'one', 'other') == 2.0


def test_no_values_have_no_median() -> None:
    assert summarize([])['median'] is None


def test_only_images_after_the_skipped_start_count_each_for_its_own_camera() -> None:
    second = 1_000_000_000
    stamps = [[0, 2 * second], [second, 3 * second]]
    arrived = [(0, 0, 5), (0, 2 * second, 2 * second + 4_000_000), (1, second, second + 2_000_000)]
    tally = Tally()
    tally.add(stamps, np.array(arrived, np.int64), seconds=4.0, skip=1.0)
    figures = tally.figures()
    assert (figures['published'], figures['received']) == (3, 2)
    assert figures['latency']['median'] == 3.0
    assert figures['rate_by_camera'] == [0.33, 0.33]


@pytest.mark.parametrize(('median', 'met'), [(1.9, True), (2.1, False)])
def test_a_target_is_met_only_within_its_limit(median: float, met: bool) -> None:
    (row,) = evaluate_targets({'start': {'ready': {'median': median}}})
    assert row['met'] is met


def test_targets_for_a_flooded_node_are_undecided_if_every_image_was_processed() -> None:
    figures = committed()['parts']['node']
    for cameras in figures['640x480'].values():
        cameras['flood']['node']['share'] = 1.0
    undecided = [row['what'] for row in evaluate_targets({'node': figures}) if row['met'] is None]
    assert len(undecided) == 5


@pytest.mark.parametrize(('ratio', 'met'), [(0.91, True), (0.89, False)])
def test_a_bag_must_be_converted_nearly_as_fast_as_pictures_are_processed(
    ratio: float, met: bool
) -> None:
    (row,) = evaluate_targets({'recordings': {'rate_ratio': ratio}})
    assert row['met'] is met


def test_the_bare_run_is_never_recorded_as_a_cuda_graph(
    monkeypatch: pytest.MonkeyPatch, astronaut: NDArray[np.uint8]
) -> None:
    numbers: list[str] = []

    class Session:
        def run(self, names: object, inputs: object, options: Any) -> None:
            numbers.append(options.get_run_config_entry('gpu_graph_id'))

    estimating = session.estimator()
    monkeypatch.setitem(session._sessions, estimating.network.graph, Session())
    session.bare_run(estimating, astronaut)()
    assert numbers == ['-1']  # ONNX Runtime's number for a run without a recording


def test_the_commands_are_measured_on_the_chosen_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[list[str]] = []

    def note(arguments: list[str], output: Path) -> tuple[float, float]:
        measured.append(arguments)
        (output.parent / 'out').mkdir(exist_ok=True)
        return 1.0, 1.0

    monkeypatch.setattr(recordings, 'measure_command', note)
    parameters = ['execution_provider:=cuda']
    recordings.measure_recordings(2, rounds=1, parameters=parameters)
    assert [words[:2] for words in measured] == [['posenet', 'bag'], ['posenet', 'estimate']]
    assert all('--execution-provider=cuda' in words for words in measured)


def test_a_command_that_fails_ends_the_measurement_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match='nowhere'):
        measure_command(['posenet', 'bag', 'nowhere', 'out'], tmp_path / 'output.txt')


def committed() -> dict[str, Any]:
    results: dict[str, Any] = json.loads(RESULTS.read_text())
    return results


def test_the_page_in_docs_shows_the_committed_figures() -> None:
    assert (ROOT / 'docs' / 'benchmark.md').read_text() == render_page(committed())


def test_a_note_in_the_results_comes_first_on_the_page() -> None:
    results = {**committed(), 'note': 'Out of date.'}
    assert render_page(results).startswith('# Benchmark\n\nOut of date.\n\n`make bench`')
    del results['note']
    assert render_page(results).startswith('# Benchmark\n\n`make bench`')


def test_the_committed_figures_come_from_a_whole_run() -> None:
    results = committed()
    assert not results['settings']['quick']
    assert (
        set(results['parts'])
        == set(run.PARTS)
        == {
            *('stages', 'decoding', 'sweeps', 'recordings', 'node', 'attention', 'depth'),
            *('start', 'memory'),
        }
    )
    assert len(evaluate_targets(results['parts'])) == len(TARGETS)


def test_charts_are_drawn_from_the_committed_figures(tmp_path: Path) -> None:
    pytest.importorskip('matplotlib', reason='matplotlib is not installed: make bench installs it')
    from report.charts import draw_charts

    drawn = draw_charts(committed(), tmp_path)
    assert [path.name for path in drawn] == ['benchmark_latency.svg', 'benchmark_growth.svg']
    assert all('</svg>' in path.read_text() for path in drawn)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the benchmark write into a folder, and return the committed figures immediately."""
    (tmp_path / 'docs').mkdir()
    (tmp_path / 'benchmark').mkdir()
    monkeypatch.setattr(run, 'ROOT', tmp_path)
    monkeypatch.setattr(run, 'measure', lambda *_, **__: committed())
    monkeypatch.setattr(run, 'busy_load', lambda: 1.0)
    return tmp_path


def files(folder: Path) -> set[str]:
    """Return the files in a folder that a run writes, except the charts."""
    written = (path for path in folder.rglob('*') if path.is_file() and path.suffix != '.svg')
    return {str(path.relative_to(folder)) for path in written}


def test_a_machine_is_busy_at_a_load_average_of_half_per_core() -> None:
    assert busy_load() == 0.5 * describe_machine()['cores']


def test_a_whole_run_on_a_quiet_machine_writes_results_and_page(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, 'read_load', lambda: 0.99)
    assert run.main([]) == 0
    assert files(checkout) == {'benchmark/results.json', 'docs/benchmark.md'}


def test_a_whole_run_on_a_busy_machine_measures_nothing_and_says_why(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, 'read_load', lambda: 1.0)
    monkeypatch.setattr(run, 'measure', lambda *_, **__: pytest.fail('it measured'))
    assert run.main([]) == os.EX_TEMPFAIL
    assert files(checkout) == set()
    (line,) = capsys.readouterr().out.splitlines()
    for fact in ('load average is 1.0', 'limit is 1', 'build/benchmark', '--ignore-load'):
        assert fact in line


def test_a_whole_run_that_ignores_the_load_writes_only_into_the_build_folder(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, 'read_load', lambda: 7.0)
    assert run.main(['--ignore-load']) == 0
    assert files(checkout) == {'build/benchmark/results.json', 'build/benchmark/benchmark.md'}


@pytest.mark.parametrize('option', [['--quick'], ['--only', 'stages'], ['--provider', 'cpu']])
def test_a_partial_run_measures_on_a_busy_machine_too(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, option: list[str]
) -> None:
    monkeypatch.setattr(run, 'read_load', lambda: 7.0)
    assert run.main(option) == 0
    assert files(checkout) == {'build/benchmark/results.json', 'build/benchmark/benchmark.md'}
