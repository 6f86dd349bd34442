"""The benchmark: it runs, and its page and targets say what the figures say."""

from functools import partial
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

from golden import ROOT
import numpy as np
from prose import put_into_readme, readme_section
import pytest
from records import Tally
from report import page
from targets import judged, TARGETS
from timing import ratio, summary, take_turns

RESULTS = ROOT / 'benchmark' / 'results.json'


@pytest.fixture(scope='module')
def quick(tmp_path_factory: pytest.TempPathFactory, network_075: object) -> dict[str, Any]:
    """Run the benchmark briefly, and return what it has written."""
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
    assert (folder / 'benchmark.md').read_text() == page(results)
    return results


def test_results_name_machine_versions_settings_and_the_load(quick: dict[str, Any]) -> None:
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
    node = parts['node']['640x480']['1']['30 Hz']['node']
    assert node['answered'] > 0
    assert node['latency']['median'] > 0
    assert parts['start']['ready']['median'] > 0
    assert parts['memory']['images'] >= 50


def test_calls_take_turns() -> None:
    order: list[str] = []
    calls = {name: partial(order.append, name) for name in 'ab'}
    times = take_turns(calls, 5)
    assert order == ['a', 'b'] * 6  # one round warms up
    assert [len(values) for values in times.values()] == [5, 5]


def test_a_ratio_is_the_median_of_those_of_the_rounds() -> None:
    assert ratio({'one': [2.0, 9.0, 4.0], 'other': [1.0, 1.0, 4.0]}, 'one', 'other') == 2.0


def test_nothing_measured_has_no_median() -> None:
    assert summary([])['median'] is None


def test_only_images_after_the_skipped_start_count_and_each_for_its_camera() -> None:
    second = 1_000_000_000
    stamps = [[0, 2 * second], [second, 3 * second]]
    arrived = [(0, 0, 5), (0, 2 * second, 2 * second + 4_000_000), (1, second, second + 2_000_000)]
    tally = Tally()
    tally.add(stamps, np.array(arrived, np.int64), seconds=4.0, skip=1.0)
    figures = tally.figures()
    assert (figures['published'], figures['answered']) == (3, 2)
    assert figures['latency']['median'] == 3.0
    assert figures['rate_by_camera'] == [0.33, 0.33]


@pytest.mark.parametrize(('median', 'met'), [(1.9, True), (2.1, False)])
def test_a_target_is_met_on_its_good_side_only(median: float, met: bool) -> None:
    (row,) = judged({'start': {'ready': {'median': median}}})
    assert row['met'] is met


def test_a_feed_that_is_answered_whole_decides_no_target_of_a_flood() -> None:
    figures = committed()['parts']['node']
    for cameras in figures['640x480'].values():
        cameras['flood']['node']['share'] = 1.0
    undecided = [row['what'] for row in judged({'node': figures}) if row['met'] is None]
    assert len(undecided) == 5


def committed() -> dict[str, Any]:
    results: dict[str, Any] = json.loads(RESULTS.read_text())
    return results


def test_the_page_in_docs_is_what_the_committed_figures_say() -> None:
    assert (ROOT / 'docs' / 'benchmark.md').read_text() == page(committed())


def test_the_readmes_figures_are_the_committed_ones() -> None:
    readme = (ROOT / 'README.md').read_text()
    assert put_into_readme(readme, readme_section(committed())) == readme


def test_the_committed_figures_are_of_a_whole_run() -> None:
    results = committed()
    assert not results['settings']['quick']
    assert set(results['parts']) == {
        'stages', 'decoding', 'sweeps', 'node', 'start', 'memory',
    }  # fmt: skip
    assert results['targets'] == judged(results['parts'])
    assert len(results['targets']) == len(TARGETS)


def test_charts_are_drawn_from_the_committed_figures(tmp_path: Path) -> None:
    pytest.importorskip('matplotlib', reason='matplotlib is not installed: make bench installs it')
    from charts import draw_charts

    drawn = draw_charts(committed(), tmp_path)
    assert [path.name for path in drawn] == ['benchmark_latency.svg', 'benchmark_growth.svg']
    assert all('</svg>' in path.read_text() for path in drawn)
