"""The tables of docs/gpu.md about speed."""

from gpu_checks.plan import Result
from gpu_checks.report.speed_page import speed_tables

ROW = {
    'image': '640x480',
    'input': '257x257',
    'sampling': 0.25,
    'upload': 0.125,
    'session': 0.5,
    'download': 0.0625,
    'decoding': 1.0,
    'other': 0.1,
    'image_to_poses': 2.0375,
    'image_to_poses_p95': 2.5,
    'gpu': 0.4,
}


def stages(clock: str) -> Result:
    part = {'clock': clock, 'network': 'a network', 'milliseconds': [ROW], 'percent': [ROW]}
    return {'parts': {'stages': {**part, 'replay_waits': False, 'missing': []}}}


def test_a_table_has_a_column_for_each_stage() -> None:
    lines = speed_tables(stages('events')).splitlines()
    assert (
        '| 640x480 | 257x257 | 0.25 | 0.125 | 0.5 | 0.0625 | 1 | 0.1 | 2.038 | 2.5 | 0.4 |'
        in lines
    )


def test_figures_of_a_rehearsal_are_called_that() -> None:
    assert 'rehearsal' in speed_tables(stages('wall'))
    assert 'rehearsal' not in speed_tables(stages('events'))


def test_a_wait_in_replays_is_mentioned_with_the_times() -> None:
    result = stages('events')
    assert 'waits' not in speed_tables(result)
    result['parts']['stages']['replay_waits'] = True
    assert 'waits in replays' in speed_tables(result)


def test_the_cell_of_a_figure_that_was_not_measured_is_empty() -> None:
    result = stages('events')
    result['parts']['stages']['milliseconds'] = [{**ROW, 'gpu': None}]
    assert '| 2.5 |  |' in speed_tables(result)


def test_a_part_without_figures_is_replaced_by_the_reason() -> None:
    text = speed_tables(
        {'parts': {'sizes': {'error': 'killed by SIGSEGV'}, 'precisions': {'reason': 'no engine'}}}
    )
    assert 'Not measured: killed by SIGSEGV.' in text
    assert 'Not measured: no engine.' in text
    assert text.count('Not measured: the part did not run.') == 4
