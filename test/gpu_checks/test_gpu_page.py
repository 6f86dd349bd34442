"""What docs/gpu.md and the command say about a run, from its merged result."""

from gpu_checks.correctness.distances import agreement_target, join, summarise
from gpu_checks.parts import agreement, batches, long_run, shapes
from gpu_checks.plan import Plan, Result
from gpu_checks.report.page import render_measured, render_speed
from gpu_checks.report.text import describe_part, describe_targets
from gpu_checks.targets import at_least, at_most, holds
import numpy as np
import pytest

from posenet_ros.estimation.agreement import Agreement

PLAN = Plan('cpu', 0, quick=True)
STEPS = [{'step': 'a', 'right': True}, {'step': 'b', 'right': False}]


@pytest.fixture(scope='module')
def result() -> Result:
    """Return a merged result: that of a rehearsal, with what a GPU adds."""
    parts: dict[str, Result] = {
        part.__name__.rpartition('.')[2]: part.measure(PLAN)
        for part in (agreement, shapes, batches, long_run)
    }
    parts['doctor'] = {'device': {'name': 'Test GPU'}, 'versions': {'numpy': '2.5.2'}}
    parts['recovery'] = {
        'memory_taken': {'steps': STEPS, 'returned': True},
        'memory_limit': {'steps': STEPS[:1], 'returned': None},
        'context_reset': {'error': 'killed by SIGSEGV'},
        'context_broken': {'steps': STEPS[:1], 'returned': False, 'end': 'killed by SIGABRT'},
    }
    parts['second_process'] = {'alone': {'median_ms': 1.5}}
    parts['start_up'] = {'cold_s': 2.25, 'warm_s': None}
    parts['precisions'] = {
        'milliseconds': [
            {'precision': 'float16', 'images': 1, 'gpu': 0.5, 'session': 1, 'image_to_poses': 2},
            {'precision': 'float16', 'images': 4, 'gpu': 0.9, 'session': 1, 'image_to_poses': 3},
            {'precision': 'tf32', 'images': 1, 'gpu': 0.4, 'session': 1, 'image_to_poses': 2},
        ],
        'clock': 'events',
        'against_float32': [],
        'missing': [],
    }
    parts['node'] = {'cases': [{'cameras': 1, 'rate': 30.0, 'latency_ms': 4.256}]}
    return {
        'provider': 'cuda',
        'date': '2027-01-02T03:04:05+00:00',
        'parts': parts,
        'targets': [{'part': 'shapes', **at_most('heads', 3, 0)}],
    }


@pytest.mark.parametrize(
    'line',
    [
        '| shapes | heads | <= 0 | 3 | **no** |',
        '| all float32 | ',
        'Not compared: mobilenet_v1_050 stride 16 float16',
        '| 2 sizes, bound float32 | 0 | ',
        '| 4 images, plain | 0 | ',
        '| another process takes all memory | 2 | 1 | yes |  |',
        '| the context is destroyed, twice | 0 | 0 | undecided | killed by SIGSEGV |',
        '| a kernel fails, which breaks the context | 1 | 1 | **no** | killed by SIGABRT |',
        '| GPU memory, first and last tenth of the runs | not measured |',
        '| image to heads, alone on the GPU | 1.5 ms |',
        '| image to heads, beside a second process | not measured |',
        '| start to poses, cold kernel cache | 2.25 s |',
        '| start to poses, warm kernel cache | not measured |',
    ],
)
def test_the_page_has_the_figures_of_each_part(result: Result, line: str) -> None:
    if 'mobilenet_v1_050' in line and not result['parts']['agreement']['left_out']:
        result['parts']['agreement']['left_out'] = ['mobilenet_v1_050 stride 16 float16: missing']
    assert line in render_measured(result)


def test_the_page_names_what_was_left_out(result: Result) -> None:
    shapes_part = {**result['parts']['shapes'], 'left_out': ['recorded float32']}
    parts = {**result['parts'], 'shapes': shapes_part}
    assert 'Not run in time: recorded float32 of shapes.' in render_measured(
        {**result, 'parts': parts}
    )


def test_the_table_of_gpus_has_the_figures_of_single_images(result: Result) -> None:
    rows = render_speed(result).splitlines()[2:]
    row = '| Test GPU | cuda, float16 | 0.5 ms | 2 ms | 4.256 ms | `tools/gpu_check.py` |'
    assert rows == [row]


def test_the_table_of_gpus_is_empty_without_figures() -> None:
    text = render_speed({'provider': 'cuda', 'parts': {'doctor': {'error': 'killed'}}})
    assert text.splitlines()[2:] == ['|  |  |  |  |  |  |']


def test_the_command_prints_tables_lines_and_values() -> None:
    found = {
        'seconds': 1.5,
        'output': ['first line', 'second line'],
        'rows': [{'name': 'a', 'ms': 1.23456}, {'name': 'long', 'error': 'none left'}],
        'device': {'name': 'GPU', 'memory': None},
        'targets': [],
    }
    assert describe_part('doctor', found).splitlines() == [
        '== doctor (1.5 s)',
        '  output:',
        '    first line',
        '    second line',
        '  rows:',
        '    name  ms     error',
        '    a     1.235',
        '    long         none left',
        '  device:',
        '    name: GPU',
        '    memory: none',
    ]


def test_the_command_prints_each_target_and_counts_them() -> None:
    targets = [
        at_least('share', 0.995, 0.99),
        at_most('growth', 9.0, 8, 'MB'),
        holds('the GPU is used', None, 'no reason'),
    ]
    lines = describe_targets([{'part': 'a', **one} for one in targets]).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ['met', 'NOT', 'undecided', '1']
    assert '9 MB' in lines[2]
    assert lines[-1].strip() == '1 met, 1 NOT MET, 1 undecided'


def test_nobody_found_is_counted_and_not_a_distance() -> None:
    agreement = Agreement(np.array([0.0, 0.05, 0.7, np.inf]))
    assert summarise(agreement) == {
        'keypoints': 4,
        'nobody_found': 1,
        'within_0.1_px': 0.5,
        'within_0.5_px': 0.5,
        'within_1_px': 0.75,
        'median_px': 0.05,
        'largest_px': 0.7,
    }
    assert agreement_target('it', agreement, 'float16')['met'] is False


def test_without_keypoints_agreement_is_undecided() -> None:
    nothing = join([])
    assert summarise(nothing)['largest_px'] is None
    assert agreement_target('it', nothing, 'float32')['met'] is None
