from pathlib import Path

from made_tasks import load_length, made_tasks, refuse_to_load
import pytest

from posenet_ros.cli.batches.batch_progress import VIDEOS
from posenet_ros.cli.batches.batch_run import run_batch
from posenet_ros.cli.signals import Interruption
from posenet_ros.errors import PosenetError
from posenet_ros.processes.tasks import Result


def note_into(results: dict[str, int | None], result: Result[int]) -> int:
    """Note a result, and return its exit code."""
    results[result.task.source.name] = result.summary
    return int(result.error is not None)


@pytest.mark.parametrize('processes', [1, 2])
@pytest.mark.parametrize(('text', 'code'), [('22', 0), ('bad', 1)])
def test_the_exit_code_is_1_if_a_task_failed(
    tmp_path: Path, processes: int, text: str, code: int
) -> None:
    results: dict[str, int | None] = {}
    exit_code = run_batch(
        made_tasks(tmp_path, a=text, b='1'),
        load_length,
        processes=processes,
        report=lambda result: note_into(results, result),
        nouns=VIDEOS,
        interruption=Interruption(),
    )
    assert exit_code == code
    assert results == {'a': None if code else 2, 'b': 1}


def test_after_an_interruption_one_line_says_how_far_it_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(
            made_tasks(tmp_path, a='22', b='1'),
            load_length,
            processes=1,
            report=interrupt,
            nouns=VIDEOS,
            interruption=Interruption(),
        )
    line = capsys.readouterr().err.splitlines()[-1]
    assert '1 of 2 videos are complete' in line
    assert 'run the same command again' in line


@pytest.mark.parametrize('processes', [1, 2])
def test_what_cannot_be_loaded_ends_the_command(tmp_path: Path, processes: int) -> None:
    with pytest.raises(PosenetError, match='no network'):
        run_batch(
            made_tasks(tmp_path, a='', b=''),
            refuse_to_load,
            processes=processes,
            report=lambda _: 0,
            nouns=VIDEOS,
            interruption=Interruption(),
        )
