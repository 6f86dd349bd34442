"""The command of the GPU check: its parts, its time, its targets, and what may be published."""

from collections.abc import Callable
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

from golden import ROOT
import gpu_check
from gpu_checks import run
from gpu_checks.json_file import write_json
from gpu_checks.parts import PARTS
from gpu_checks.plan import Plan, Result
from gpu_checks.report import publication
from gpu_checks.report.publication import publish, refusal
from gpu_checks.targets import at_least, at_most, holds
import pytest

PLAN = Plan('cuda', 0, quick=False)
#: Replaces the processes of the parts: the result of each, by name.
Script = Callable[[dict[str, Result]], list[tuple[str, float]]]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Return a function that sets the results of the parts; it returns the list of those run."""

    def set_results(results: dict[str, Result]) -> list[tuple[str, float]]:
        started: list[tuple[str, float]] = []

        def run_in_process(check: str, plan: Plan, *, limit_s: float, result: Path) -> Result:
            name = check.rpartition('.')[2]
            started.append((name, limit_s))
            write_json(result, results[name])
            return results[name]

        monkeypatch.setattr(run, 'run_in_process', run_in_process)
        return started

    return set_results


def test_the_command_rehearses_a_part_in_its_own_process_and_writes_the_result(
    tmp_path: Path,
) -> None:
    command = [sys.executable, str(ROOT / 'tools' / 'gpu_check.py'), '--provider', 'cpu']
    done = subprocess.run(
        [*command, '--quick', '--only', 'long_run', '--output', str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        # As without ROS: nothing but the program itself finds the package.
        env={name: value for name, value in os.environ.items() if name != 'PYTHONPATH'},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '== long_run (' in done.stdout
    assert 'long_run  ran to its end' in done.stdout
    merged = json.loads((tmp_path / 'gpu_check.json').read_text())
    assert (merged['rehearsal'], merged['quick']) == (True, True)
    assert merged['parts']['long_run'] == json.loads((tmp_path / 'long_run.json').read_text())


def test_a_part_that_crashes_is_recorded_and_the_others_run(
    script: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script({'doctor': {'error': 'killed by SIGSEGV'}, 'agreement': {'targets': []}})
    merged = run.run_parts(PLAN, ['doctor', 'agreement'], minutes=1, output=tmp_path)
    assert merged['targets'] == [
        {'part': 'doctor', **holds('ran to its end', False, 'killed by SIGSEGV')},
        {'part': 'agreement', **holds('ran to its end', True)},
    ]
    assert 'NOT MET  doctor' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('provider', 'used', 'parts'),
    [
        ('cuda', 'ProviderError: no GPU', ['doctor']),
        ('cuda', 'CUDAExecutionProvider', ['doctor', 'agreement']),
        ('cpu', 'ProviderError: no model', ['doctor', 'agreement']),
    ],
)
def test_nothing_else_runs_if_the_provider_under_test_runs_no_network(
    script: Script, tmp_path: Path, provider: str, used: str, parts: list[str]
) -> None:
    found = {'providers_used': {'float32': used, 'float16': 'ProviderError: no'}}
    started = script({'doctor': found, 'agreement': {}})
    plan = Plan(provider, 0, quick=False)
    merged = run.run_parts(plan, ['doctor', 'agreement'], minutes=1, output=tmp_path)
    assert [name for name, _ in started] == list(merged['parts']) == parts
    assert ('stopped' in merged) == (len(parts) == 1)
    assert merged == json.loads((tmp_path / 'gpu_check.json').read_text())


def test_a_process_that_did_not_end_as_it_should_is_a_target_that_is_not_met(
    script: Script, tmp_path: Path
) -> None:
    script({'doctor': {'end': 'killed by SIGABRT'}})
    merged = run.run_parts(PLAN, ['doctor'], minutes=1, output=tmp_path)
    assert [target['met'] for target in merged['targets']] == [True, False]
    assert merged['targets'][1]['measured'] == 'killed by SIGABRT'


def test_the_result_is_complete_after_each_part(script: Script, tmp_path: Path) -> None:
    script({'doctor': {'figure': 1}})
    with pytest.raises(KeyError):
        run.run_parts(PLAN, ['doctor', 'agreement'], minutes=1, output=tmp_path)
    merged = json.loads((tmp_path / 'gpu_check.json').read_text())
    assert merged['parts'] == {'doctor': {'figure': 1}}


def test_no_part_gets_more_time_than_is_left_and_none_starts_without_time(
    script: Script, tmp_path: Path
) -> None:
    started = script({'doctor': {}, 'agreement': {}})
    run.run_parts(PLAN, ['doctor'], minutes=0.5, output=tmp_path)
    merged = run.run_parts(PLAN, ['agreement'], minutes=0, output=tmp_path)
    assert [name for name, _ in started] == ['doctor']
    assert started[0][1] <= 30
    assert merged['parts']['agreement'] == json.loads((tmp_path / 'agreement.json').read_text())
    assert 'not started' in merged['parts']['agreement']['error']


@pytest.mark.parametrize(
    ('target', 'code'),
    [(at_least('a', 1.0, 1.0), 0), (at_least('a', None, 1.0), 0), (at_most('a', 2, 1), 1)],
)
def test_the_exit_code_tells_whether_a_target_was_missed(
    script: Script, tmp_path: Path, target: Result, code: int
) -> None:
    script({'doctor': {'targets': [target]}})
    assert gpu_check.main(['--only', 'doctor', '--output', str(tmp_path)]) == code


def a_result(**changes: Any) -> Result:
    """Return a merged result of a whole run in which every part failed but the doctor."""
    doctor = {
        'providers_used': {'float32': 'CUDAExecutionProvider', 'float16': 'RuntimeError: no'},
        'device': {'name': 'Test GPU'},
        'versions': {'numpy': '2.5.2'},
    }
    parts: dict[str, Result] = {name: {'error': 'killed by SIGSEGV'} for name in PARTS}
    return {
        'provider': 'cuda',
        'rehearsal': False,
        'quick': False,
        'date': '2027-01-02T03:04:05+00:00',
        'parts': {**parts, 'doctor': doctor},
        'targets': [{'part': 'doctor', **holds('it runs', True)}],
        **changes,
    }


def without_a_gpu() -> Result:
    result = a_result()
    result['parts']['doctor']['providers_used'] = {'float32': 'ProviderError: no GPU'}
    return result


@pytest.mark.parametrize(
    ('result', 'reason'),
    [
        (a_result(rehearsal=True), 'rehearsal'),
        (a_result(quick=True), 'quick'),
        (a_result(parts={'doctor': {}}), 'no part agreement'),
        (without_a_gpu(), 'no network ran on cuda'),
    ],
)
def test_only_a_whole_run_on_a_gpu_is_published(
    result: Result, reason: str, tmp_path: Path
) -> None:
    assert reason in (refusal(result) or '')
    with pytest.raises(ValueError, match=reason):
        publish(result, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('option', ['--quick', '--only=doctor', '--provider=cpu'])
def test_the_command_refuses_to_publish_a_run_that_is_not_whole(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match='2'):
        gpu_check.main([option, '--publish'])
    assert 'only a whole run on a GPU can be published' in capsys.readouterr().err


def test_an_earlier_result_is_published_without_another_run(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = tmp_path / 'docs'
    docs.mkdir()
    (docs / 'gpu.md').write_text((ROOT / 'docs' / 'gpu.md').read_text())
    monkeypatch.setattr(gpu_check, 'ROOT', tmp_path)
    write_json(tmp_path / 'result.json', a_result())
    started = script({})
    assert gpu_check.main(['--publish', str(tmp_path / 'result.json')]) == 0
    assert started == []
    assert json.loads((docs / 'gpu_check.json').read_text()) == a_result()
    page = (docs / 'gpu.md').read_text()
    assert 'Test GPU, execution provider `cuda`, 2027-01-02; numpy 2.5.2.' in page
    assert '| doctor | it runs | yes |  | yes |' in page
    assert page.count('Not measured: killed by SIGSEGV.') >= 3


def test_a_refused_result_is_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(tmp_path / 'result.json', a_result(rehearsal=True))
    assert gpu_check.main(['--publish', str(tmp_path / 'result.json')]) == 2
    assert 'it is a rehearsal on the CPU' in capsys.readouterr().err


def test_publishing_replaces_only_the_blocks(tmp_path: Path) -> None:
    page = tmp_path / 'gpu.md'
    page.write_text((ROOT / 'docs' / 'gpu.md').read_text())
    publish(a_result(), tmp_path)
    once = page.read_text()
    publish(a_result(), tmp_path)
    assert page.read_text() == once
    before = (ROOT / 'docs' / 'gpu.md').read_text()
    for text in (before, once):
        assert text.count(publication._END) == 2
    assert once.partition('<!-- end -->')[2].startswith('\n\n## ')
