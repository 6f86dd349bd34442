"""`posenet bag` as users run it, also when it is killed."""

from pathlib import Path
import re
import signal
import subprocess
import sys

from bag_conversions import convert, two_cameras, walk, write_walk
from ended_commands import start_ended_command
from made_bags import film, Made, raw, read_bag, START, write_bag
from networks import count_runs
import numpy as np
import pytest

from posenet_ros.cli.main import main
from posenet_ros.tracking.tracked_camera import TrackedCamera

Output = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures('network_075')

OPTIONS = ('--image-scale-factor', '0.7')
# Seconds that a test waits for anything; generous, as machines are shared.
PATIENCE = 60.0


def noted(journal: Path) -> int:
    """Return how many images a journal has: its first line is another one."""
    return journal.read_bytes().count(b'\n') - 1 if journal.exists() else -1


def test_after_kill_9_at_several_instants_the_command_completes_without_doing_work_twice(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = write_walk(tmp_path, 30), tmp_path / 'out'
    journal = tmp_path / 'out.unfinished' / 'journal'
    for instant in (1, 17):
        process = start_ended_command(
            'bag', source, target, *OPTIONS, after=instant, number=signal.SIGKILL
        )
        process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGKILL
        assert noted(journal) == instant
        assert not target.exists()
    runs = count_runs(monkeypatch)
    assert main(['bag', str(source), str(target), *OPTIONS]) == 0
    assert len(runs) == 60 - 17
    assert '60 images' in capsys.readouterr().out
    convert(source, tmp_path / 'whole')
    assert str(read_bag(target)) == str(read_bag(tmp_path / 'whole'))


@pytest.mark.parametrize('jobs', [1, 2])
def test_ctrl_c_ends_all_processes_and_tells_how_far_it_came(tmp_path: Path, jobs: int) -> None:
    sources = [write_bag(tmp_path / name / name, two_cameras(3)) for name in 'ab']
    arguments = ('bag', *sources, tmp_path / 'out', '--jobs', jobs, *OPTIONS)
    process = start_ended_command(*arguments, after=2, number=signal.SIGINT, waiting=True)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, '')
    assert re.search(r'0 of 2 bags and \d+ .*images are done; to continue, run the same', err)
    assert 'Traceback' not in err
    left = {path.name for path in (tmp_path / 'out').iterdir()}
    assert left <= {'a.unfinished', 'b.unfinished'}


def test_several_bags_go_into_a_folder_and_a_second_run_does_only_what_is_missing(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in 'abc':
        write_bag(tmp_path / name, film('/camera/image', [np.zeros((140, 480, 3), np.uint8)]))
    out = tmp_path / 'out'
    first = [str(tmp_path / name) for name in 'ab']
    assert main(['bag', *first, str(out), *OPTIONS]) == 0
    capsys.readouterr()
    runs = count_runs(monkeypatch)
    assert main(['bag', *first, str(tmp_path / 'c'), str(out), *OPTIONS]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(': ')[0] for line in lines] == [
        f'{out}/a already exists',
        f'{out}/b already exists',
        f'{out}/c written',
    ]
    assert len(runs) == 1


def test_the_folder_for_new_bags_must_not_be_a_bag(tmp_path: Path, capsys: Output) -> None:
    image = film('/camera/image', [np.zeros((8, 8, 3), np.uint8)])
    bags = [write_bag(tmp_path / name, image) for name in 'abc']
    files = sorted(tmp_path.rglob('*'))
    for out in (str(bags[2]), str(bags[2] / 'c.mcap')):
        with pytest.raises(SystemExit):
            main(['bag', *map(str, bags[:2]), out, *OPTIONS])
        assert 'not a folder for new bags' in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(['bag', str(bags[0]), f'{bags[2]}/', *OPTIONS])
    assert sorted(tmp_path.rglob('*')) == files


def test_new_bags_have_the_names_that_the_user_gave_and_not_those_of_links(
    tmp_path: Path,
) -> None:
    source = write_bag(tmp_path / 'data', film('/camera/image', [np.zeros((8, 8, 3), np.uint8)]))
    (tmp_path / 'monday').symlink_to(source)
    sources = [str(tmp_path / 'monday'), str(source / '..' / 'data')]
    assert main(['bag', *sources, str(tmp_path / 'out'), *OPTIONS]) == 0
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {'monday', 'data'}


def test_annotations_for_foxglove_are_written_on_demand(tmp_path: Path) -> None:
    source = write_bag(tmp_path / 'in', film('/camera/image', walk(1)))
    assert main(['bag', str(source), str(tmp_path / 'out'), '--annotations', *OPTIONS]) == 0
    ((_, message),) = read_bag(tmp_path / 'out')['/camera/annotations']
    assert len(message.points) >= 2


def test_poses_without_ids_are_reported(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrackedCamera, 'track', lambda *_, **__: 1 / 0)
    source = write_bag(tmp_path / 'in', film('/camera/image', walk(1)))
    assert main(['bag', str(source), str(tmp_path / 'out'), *OPTIONS]) == 0
    err = capsys.readouterr().err
    assert 'poses without ids in 1 images' in err
    assert 'ZeroDivisionError' in err


def test_shards_share_all_bags_whatever_their_order(tmp_path: Path, capsys: Output) -> None:
    sources = [
        str(write_bag(tmp_path / name, film('/camera/image', [np.zeros((8, 8, 3), np.uint8)])))
        for name in 'abcde'
    ]
    for shard, order in (('1/2', sources), ('2/2', sources[::-1])):
        out = tmp_path / f'out_{shard[0]}'
        assert main(['bag', *order, str(out), '--shard', shard, *OPTIONS]) == 0
    assert sorted(path.name for path in (tmp_path / 'out_1').iterdir()) == ['a', 'c', 'e']
    assert sorted(path.name for path in (tmp_path / 'out_2').iterdir()) == ['b', 'd']


def test_an_empty_shard_is_one_line(tmp_path: Path, capsys: Output) -> None:
    source = str(write_bag(tmp_path / 'a', film('/camera/image', walk(1))))
    assert main(['bag', source, f'{tmp_path}/out/', '--shard', '2/2', *OPTIONS]) == 0
    assert capsys.readouterr() == (
        '',
        'posenet: --shard 2/2 of 1 bag is empty: there is nothing to do\n',
    )


def test_an_image_without_poses_is_named_and_the_exit_code_is_1(
    tmp_path: Path, capsys: Output
) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    bad = Made('/a/image', START, raw(pixels, START, encoding='none'))
    source = write_bag(tmp_path / 'in', [bad, *film('/a/image', [pixels], first=START + 10**9)])
    for _ in range(2):
        assert main(['bag', str(source), str(tmp_path / 'out'), *OPTIONS]) == 1
        out, err = capsys.readouterr()
        assert '2 images, 0 with people' in out
        assert 'no poses for 1 of 2 images' in err
        assert "/a/image, recorded at 100.000000000: encoding 'none' is not supported" in err


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (
            ['{in}', '{out}', '--topic', '/nowhere'],
            "no '/nowhere'; its image topics are /front/im",
        ),
        (['{in}', '{in}'], 'exists, and is not what this command would write'),
        (['{out}/nowhere', '{out}'], 'it does not exist'),
    ],
)
def test_a_bag_that_cannot_be_converted_is_one_line_and_exit_code_1(
    tmp_path: Path, capsys: Output, arguments: list[str], message: str
) -> None:
    places = {'in': str(write_walk(tmp_path, 1)), 'out': str(tmp_path / 'out')}
    assert main(['bag', *(one.format(**places) for one in arguments), *OPTIONS]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / 'walk']


def test_without_rosbags_the_message_has_the_remedy(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith(('rosbags', 'posenet_ros.bags'))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, 'posenet_ros.cli.recordings.bag_run', raising=False)
    monkeypatch.setitem(sys.modules, 'rosbags', None)
    monkeypatch.setitem(sys.modules, 'rosbags.interfaces', None)
    assert main(['bag', 'in', 'out']) == 1
    assert "run: pip install 'rosbags>=0.11'" in capsys.readouterr().err


def test_the_command_needs_no_ros(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 1)
    blocked = "import sys; sys.modules.update(dict.fromkeys(['rclpy', 'sensor_msgs', 'std_msgs']))"
    code = f'{blocked}; from posenet_ros.cli.program import run; sys.exit(run())'
    done = subprocess.run(
        [sys.executable, '-c', code, 'bag', source, tmp_path / 'out', *OPTIONS],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, '')
