import os
import re
import subprocess

import pytest

from posenet_ros.cli import models
from posenet_ros.cli.main import main
from posenet_ros.errors import ModelError, SettingError

Output = pytest.CaptureFixture[str]


def make_models_raise(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make `posenet models` raise an error."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(models, 'find_record', fail)


def test_the_help_lists_every_subcommand_in_the_order_of_use(capsys: Output) -> None:
    with pytest.raises(SystemExit, match='0'):
        main(['--help'])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    names = ['download', 'models', 'quantize', 'doctor', 'estimate', 'bag']
    assert [words[0] for words in lines if words and words[0] in names] == names


@pytest.mark.parametrize('name', ['download', 'models', 'quantize', 'doctor', 'estimate', 'bag'])
def test_every_subcommand_has_a_help_text(name: str, capsys: Output) -> None:
    with pytest.raises(SystemExit, match='0'):
        main([name, '--help'])
    assert capsys.readouterr().out.startswith(f'usage: posenet {name}')


def test_the_version_is_printed(capsys: Output) -> None:
    with pytest.raises(SystemExit, match='0'):
        main(['--version'])
    assert re.fullmatch(r'posenet_ros \d+\.\d+\.\d+\n', capsys.readouterr().out)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['estimate', 'a.png', '--score-threshold', '2'], 'score_threshold is 2.0'),
        (['estimate', 'a.png', '--nms-radius', 'wide'], '--nms-radius'),
        (['estimate', 'a.png', '--output-stride', '32'], 'it has 8, 16'),
        (['estimate', 'a.png', '--model', 'resnet'], "'resnet'"),
        (['estimate', 'a.png', '--input-size', '257'], "'257'"),
        (
            ['estimate', '--input-size', '9x9', '--image-scale-factor', '1', 'a'],
            'not allowed with',
        ),
        (['estimate'], 'INPUT'),
        (['bag', 'in'], 'OUT'),
        (['bag', 'in', 'out', '--jobs', '0'], '--jobs is 0'),
        (['bag', 'in', 'out', '--shard', '5/4'], "'5/4'"),
        (['bag', 'in', 'out', '--region-size', '129'], '--region-size has no effect without'),
        (['bag', 'in', 'out', '--no-tracking', '--track-min-hits', '1'], 'with --no-tracking'),
        (['bag', 'a/in', 'b/in', 'out'], 'a/in and b/in would both'),
        (['download', 'resnet'], "'resnet'"),
        ([], 'COMMAND'),
    ],
)
def test_after_wrong_usage_the_command_exits_with_2_and_says_what_is_wrong(
    arguments: list[str], message: str, capsys: Output
) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert message in capsys.readouterr().err


def test_a_wrong_setting_shows_the_usage_of_its_subcommand(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    make_models_raise(monkeypatch, SettingError('broken'))
    with pytest.raises(SystemExit, match='2'):
        main(['models'])
    assert 'posenet models: error: broken' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (ModelError('broken'), 'posenet: broken\n'),
        (MemoryError(), 'posenet: out of memory\n'),
        (
            PermissionError(13, 'Permission denied', '/cache'),
            "posenet: [Errno 13] Permission denied: '/cache'\n",
        ),
        (
            OSError(12, 'Cannot allocate memory'),
            'posenet: [Errno 12] Cannot allocate memory\n',
        ),
    ],
)
def test_after_a_failure_the_command_exits_with_1_and_one_message(
    error: BaseException, message: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    make_models_raise(monkeypatch, error)
    assert main(['models']) == 1
    assert capsys.readouterr().err == message


@pytest.mark.parametrize(
    ('command', 'message'),
    [
        (
            'posenet models > /dev/full',
            'posenet: cannot write to standard output: No space left on device\n',
        ),
        (
            'posenet models >&-',
            'posenet: cannot write to standard output: Bad file descriptor\n',
        ),
        ('posenet models 2>&- >&-', ''),
    ],
)
def test_if_output_cannot_be_written_there_is_one_message(command: str, message: str) -> None:
    done = subprocess.run(['bash', '-c', command], stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, message)


def test_a_closed_pipe_ends_the_command_without_a_message() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = ['posenet', 'models']
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, '')
