"""Whole conversions with the real network: what is in the new bag, and when it is continued."""

from collections.abc import Callable
import contextlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
import shutil
from typing import Any

from bag_conversions import (
    convert,
    CountingEstimator,
    FailingEstimator,
    Killed,
    settings,
    two_cameras,
    walk,
    Watching,
    write_walk,
)
from made_bags import film, hide_topic, Made, PERIOD, raw, read_bag, START, text, write_bag
import pytest
from rosbags.rosbag2 import CompressionMode

from posenet_ros.bags.conversion_settings import ConversionSettings
from posenet_ros.bags.journal import Journal
from posenet_ros.bags.storage.recording import MCAP, open_recording, SQLITE3
from posenet_ros.errors import BagError, NetworkError, PosenetError
from posenet_ros.processes.unfinished_folder import FolderInUseError, unfinished_name
from posenet_ros.tracking.tracked_camera import TrackedCamera

pytestmark = pytest.mark.usefixtures('network_075')

# Each chunk of such a bag begins with this.
ZSTD = b'\x28\xb5\x2f\xfd'

TOPICS = ('/front/poses', '/rear/poses')


def ids(message: Any) -> list[int]:
    return [pose.track_id for pose in message.poses]


@pytest.mark.parametrize(
    ('storage', 'compression'),
    [
        (MCAP, CompressionMode.NONE),
        (MCAP, CompressionMode.STORAGE),
        (MCAP, CompressionMode.MESSAGE),
        (SQLITE3, CompressionMode.NONE),
        (SQLITE3, CompressionMode.MESSAGE),
        (SQLITE3, CompressionMode.FILE),
    ],
)
def test_each_image_gets_a_pose_array_with_its_header_and_time_in_the_storage_of_the_bag(
    tmp_path: Path, storage: str, compression: CompressionMode
) -> None:
    source = write_walk(tmp_path, 3, storage=storage, compression=compression)
    summary = convert(source, tmp_path / 'out')
    assert summary.is_complete
    assert (summary.images, summary.with_people) == (6, 6)
    written = read_bag(tmp_path / 'out')
    assert set(written) == set(TOPICS)
    for messages in written.values():
        times = [START + number * PERIOD for number in range(3)]
        assert [time - 10**6 for time, _ in messages] == times
        stamps = [one.header.stamp for _, one in messages]
        assert [stamp.sec * 10**9 + stamp.nanosec for stamp in stamps] == times
        assert {one.header.frame_id for _, one in messages} == {'lens'}
        assert {(one.image_width, one.image_height) for _, one in messages} == {(480, 140)}
    assert sorted(ids(written['/front/poses'][-1][1])) == [1, 2]
    assert ids(written['/rear/poses'][-1][1]) == [1]
    with open_recording(tmp_path / 'out') as recording:
        assert recording.storage == storage


@pytest.mark.parametrize(('storage', 'suffix'), [(MCAP, 'mcap'), (SQLITE3, 'db3')])
def test_the_file_in_a_bag_has_the_name_that_rosbag2_gives_it_and_its_metadata_say_so(
    tmp_path: Path, storage: str, suffix: str
) -> None:
    convert(write_walk(tmp_path, 1), tmp_path / 'out', settings(storage=storage))
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == [
        'metadata.yaml',
        f'out_0.{suffix}',
    ]
    assert f'out_0.{suffix}' in (tmp_path / 'out' / 'metadata.yaml').read_text()
    assert len(read_bag(tmp_path / 'out')['/front/poses']) == 1


def test_a_single_file_is_a_bag_too(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 2)
    convert(source, tmp_path / 'folder')
    convert(source / 'walk.mcap', tmp_path / 'file', settings(storage=SQLITE3))
    one, other = read_bag(tmp_path / 'folder'), read_bag(tmp_path / 'file')
    assert [str(message) for message in one.items()] == [str(message) for message in other.items()]


def test_a_copy_has_all_topics_unchanged_beside_the_poses(tmp_path: Path) -> None:
    chatter = [Made('/chatter', START + number, text(f'{number}')) for number in range(3)]
    old = [Made('/front/poses', START, text('from an earlier run'))]
    source = write_bag(tmp_path / 'in', two_cameras(2) + chatter + old)
    watching = Watching()
    convert(source, tmp_path / 'out', settings(copy=True), watching=watching)
    before, after = read_bag(source), read_bag(tmp_path / 'out')
    assert set(after) == {*before, *TOPICS}
    for topic in set(before) - set(TOPICS):
        assert [str(one) for one in after[topic]] == [str(one) for one in before[topic]]
    assert len(after['/front/poses']) == 2
    assert any('/front/poses is not copied' in line for line in watching.notices)


@dataclass(frozen=True)
class Unbroken:
    """A bag, and the result of a conversion that was not interrupted."""

    source: Path
    written: str
    #: How often the network ran.
    runs: int


@pytest.fixture(scope='module')
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Unbroken]:
    """Return a function that returns an unbroken conversion with an attention."""

    @cache
    def make(attention: str) -> Unbroken:
        folder, estimator = tmp_path_factory.mktemp('unbroken'), CountingEstimator()
        source = write_walk(folder, 5)
        convert(source, folder / 'out', settings(attention=attention), estimator=estimator)
        return Unbroken(source, str(read_bag(folder / 'out')), estimator.runs)

    return make


@pytest.mark.parametrize('attention', ['whole_image', 'closer_look'])
@pytest.mark.parametrize('instant', [1, 7])
def test_a_conversion_that_was_killed_continues_without_running_the_network_again(
    tmp_path: Path, unbroken: Callable[[str], Unbroken], attention: str, instant: int
) -> None:
    chosen, whole = settings(attention=attention), unbroken(attention)
    before, after = CountingEstimator(), CountingEstimator()
    target, kill = tmp_path / 'out', Watching(kill_after=instant)
    with pytest.raises(Killed):
        convert(whole.source, target, chosen, estimator=before, watching=kill)
    assert not target.exists()
    summary = convert(whole.source, target, chosen, estimator=after)
    assert summary.images == 10
    assert before.runs + after.runs == whole.runs
    assert str(read_bag(target)) == whole.written
    assert [path.name for path in tmp_path.iterdir()] == ['out']


@pytest.mark.parametrize('attention', ['whole_image', 'closer_look'])
def test_a_bag_is_not_finished_after_an_error_of_the_network_and_the_next_run_goes_on(
    tmp_path: Path, unbroken: Callable[[str], Unbroken], attention: str
) -> None:
    chosen, whole = settings(attention=attention), unbroken(attention)
    target, lost = tmp_path / 'out', FailingEstimator(NetworkError('the GPU is lost'), run=4)
    with pytest.raises(BagError, match=r'recorded at 100\.\d+: the GPU is lost; to continue'):
        convert(whole.source, target, chosen, estimator=lost)
    assert not target.exists()
    after = CountingEstimator()
    summary = convert(whole.source, target, chosen, estimator=after)
    assert summary.is_complete
    assert str(read_bag(target)) == whole.written
    if attention == 'whole_image':
        assert after.runs == whole.runs - 3


def test_recalled_images_are_announced_as_such(tmp_path: Path) -> None:
    source, watching = write_walk(tmp_path, 3), Watching()
    with pytest.raises(Killed):
        convert(source, tmp_path / 'out', watching=Watching(kill_after=4))
    convert(source, tmp_path / 'out', watching=watching)
    assert (watching.done, watching.recalled) == (6, 4)


@pytest.mark.parametrize('cut', [0.05, 0.5, 0.99])
def test_half_a_line_in_the_journal_is_that_image_again(
    tmp_path: Path, unbroken: Callable[[str], Unbroken], cut: float
) -> None:
    chosen, whole = settings(attention='closer_look'), unbroken('closer_look')
    target = tmp_path / 'out'
    with pytest.raises(Killed):
        convert(whole.source, target, chosen, watching=Watching(kill_after=6))
    journal = tmp_path / 'out.unfinished' / 'journal'
    content = journal.read_bytes()
    journal.write_bytes(content[: int(cut * len(content))])
    convert(whole.source, target, chosen)
    assert str(read_bag(target)) == whole.written


def test_a_finished_conversion_is_not_done_again(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 2)
    first = convert(source, tmp_path / 'out')
    again = CountingEstimator()
    second = convert(source, tmp_path / 'out', estimator=again)
    assert again.runs == 0
    assert (first.existed, second.existed) == (False, True)
    assert second.images == first.images == 4


@pytest.mark.parametrize(
    'other',
    [
        settings(attention='closer_look'),
        settings(copy=True),
        settings(annotations=True),
        settings(topics=('/a',)),
    ],
)
def test_with_other_settings_an_existing_bag_is_kept_and_named(
    tmp_path: Path, other: ConversionSettings
) -> None:
    source = write_walk(tmp_path, 1)
    convert(source, tmp_path / 'out')
    with pytest.raises(BagError, match='out exists, and is not what this command would write'):
        convert(source, tmp_path / 'out', other)
    with pytest.raises(BagError, match='walk exists, and is not what this command would write'):
        convert(source, source)


def test_another_bag_with_the_same_name_and_size_is_another_conversion(tmp_path: Path) -> None:
    sources = [
        write_bag(tmp_path / name / 'in', film('/front/image_raw', walk(1), first=first))
        for name, first in (('a', START), ('b', START + PERIOD))
    ]
    sizes = {(source / 'in.mcap').stat().st_size for source in sources}
    assert len(sizes) == 1
    convert(sources[0], tmp_path / 'out')
    with pytest.raises(BagError, match='out exists, and is not what this command would write'):
        convert(sources[1], tmp_path / 'out')


def test_other_files_in_the_folder_of_a_bag_do_not_matter(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 1)
    convert(source, tmp_path / 'out')
    (source / 'notes.txt').write_text('a sunny day')
    assert convert(source, tmp_path / 'out').existed


def test_a_folder_with_something_else_is_not_taken_for_unfinished_work(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 1)
    unfinished_name(tmp_path / 'out').mkdir()
    (unfinished_name(tmp_path / 'out') / 'mine').touch()
    with pytest.raises(PosenetError, match='exists, and is not an unfinished result'):
        convert(source, tmp_path / 'out')
    assert [path.name for path in unfinished_name(tmp_path / 'out').iterdir()] == ['mine']


def test_with_other_settings_the_journal_starts_again(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 3)
    with pytest.raises(Killed):
        convert(source, tmp_path / 'out', watching=Watching(kill_after=4))
    again = CountingEstimator()
    convert(source, tmp_path / 'out', settings(copy=True), estimator=again)
    assert again.runs == 6


def test_images_that_cannot_be_read_have_no_poses_and_are_named(tmp_path: Path) -> None:
    pictures = walk(4)
    good = film('/front/image_raw', pictures)
    bad = Made('/front/image_raw', START + 150_000_000, raw(pictures[0], START, encoding='none'))
    source = write_bag(tmp_path / 'in', [*good, bad])
    for _ in range(2):  # the second time, it is there already
        summary = convert(source, tmp_path / 'out')
        assert not summary.is_complete
        assert (summary.images, summary.refused) == (5, 1)
        (line,) = summary.refusals
        assert line.startswith("/front/image_raw, recorded at 100.150000000: encoding 'none'")
    assert len(read_bag(tmp_path / 'out')['/front/poses']) == 4


def test_after_a_refused_image_a_continued_conversion_has_the_same_result(tmp_path: Path) -> None:
    chosen = settings(attention='closer_look')
    pictures = walk(4)
    images = film('/front/image_raw', pictures)
    images[2] = Made('/front/image_raw', images[2].time, raw(pictures[0], START, step=1))
    source = write_bag(tmp_path / 'in', images)
    with pytest.raises(Killed):
        convert(source, tmp_path / 'out', chosen, watching=Watching(kill_after=3))
    summary = convert(source, tmp_path / 'out', chosen)
    assert summary.refused == 1
    convert(source, tmp_path / 'whole', chosen)
    assert str(read_bag(tmp_path / 'out')) == str(read_bag(tmp_path / 'whole'))


def test_two_processes_do_not_write_the_same_bag(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 2)

    class Second(Watching):
        def advance(self, *, recalled: bool = False) -> None:
            with pytest.raises(FolderInUseError, match=r'another process is writing .*unfinished'):
                convert(source, tmp_path / 'out')

    convert(source, tmp_path / 'out', watching=Second())


def test_a_bag_that_another_process_finished_meanwhile_is_not_written_again(
    tmp_path: Path,
) -> None:
    source, again = write_walk(tmp_path, 1), CountingEstimator()

    class Overtaken(Watching):
        def begin(self, source: Path, images: int) -> None:
            convert(source, tmp_path / 'out')

    summary = convert(source, tmp_path / 'out', estimator=again, watching=Overtaken())
    assert (summary.existed, again.runs) == (True, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['out', 'walk']


def test_a_bag_that_another_process_finishes_at_this_moment_is_the_result(
    tmp_path: Path,
) -> None:
    source, target = write_walk(tmp_path, 1), tmp_path / 'out'
    locked = contextlib.ExitStack()

    class Overtaken(Watching):
        def begin(self, source: Path, images: int) -> None:
            convert(source, target)
            journal = Journal(unfinished_name(target) / 'journal', 'key')
            locked.enter_context(contextlib.closing(journal))

    with locked:
        assert convert(source, target, watching=Overtaken()).existed


def test_the_work_is_removed_before_another_process_can_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, removed = unfinished_name(tmp_path / 'out'), list[Path]()
    remove = shutil.rmtree

    def checked(folder: Path, **options: Any) -> None:
        if folder == work:
            with pytest.raises(FolderInUseError, match='another process is writing'):
                Journal(work / 'journal', 'key')
            removed.append(folder)
        remove(folder, **options)

    monkeypatch.setattr(shutil, 'rmtree', checked)
    convert(write_walk(tmp_path, 1), tmp_path / 'out')
    assert removed == [work]


def test_images_that_rosbags_skips_are_reported(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 3)
    hide_topic(source, '/front/image_raw')
    summary = convert(source, tmp_path / 'out')
    assert not summary.is_complete
    assert 'walk states 3 images on /front/image_raw, but 0 were read' in summary.damage
    assert len(read_bag(tmp_path / 'out')['/rear/poses']) == 3


def test_a_bag_of_which_no_image_is_read_is_not_converted(tmp_path: Path) -> None:
    source = write_bag(tmp_path / 'in', film('/front/image_raw', walk(2)))
    hide_topic(source, '/front/image_raw')
    with pytest.raises(BagError, match='states 2 images on /front/image_raw, but 0 were read'):
        convert(source, tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_poses_without_ids_after_an_error_of_tracking_are_written_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    track, calls = TrackedCamera.track, list[int]()

    def fail_once(self: TrackedCamera, *arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ZeroDivisionError('by zero')
        return track(self, *arguments, **options)

    monkeypatch.setattr(TrackedCamera, 'track', fail_once)
    source = write_bag(tmp_path / 'in', film('/front/image_raw', walk(3)))
    summary = convert(source, tmp_path / 'out')
    assert summary.without_ids == 1
    assert summary.tracking_error.endswith('ZeroDivisionError: by zero')
    written = [ids(message) for _, message in read_bag(tmp_path / 'out')['/front/poses']]
    assert set(written[1]) == {0}


@pytest.mark.parametrize('storage', [MCAP, SQLITE3])
def test_annotations_are_beside_the_poses_with_the_stamps_of_the_images(
    tmp_path: Path, storage: str
) -> None:
    source = write_walk(tmp_path, 3, storage=storage)
    convert(source, tmp_path / 'out', settings(annotations=True))
    written = read_bag(tmp_path / 'out')
    assert set(written) == {*TOPICS, '/front/annotations', '/rear/annotations'}
    for name, people in (('front', ['1', '2']), ('rear', ['1'])):
        poses, annotations = written[f'/{name}/poses'], written[f'/{name}/annotations']
        assert [time for time, _ in annotations] == [time for time, _ in poses]
        assert [one.timestamp for _, one in annotations] == [one.header.stamp for _, one in poses]
        assert sorted(one.text for one in annotations[-1][1].texts) == people


def test_a_bag_that_is_damaged_in_the_middle_gives_the_poses_before(tmp_path: Path) -> None:
    source = write_walk(tmp_path, 6, compression=CompressionMode.STORAGE)
    path = source / 'walk.mcap'
    content = bytearray(path.read_bytes())
    second = content.index(ZSTD, content.index(ZSTD) + 1)
    start, end = second + 4, second + 100
    content[start:end] = bytes(96)
    path.write_bytes(content)
    summary = convert(source, tmp_path / 'out')
    assert not summary.is_complete
    assert 'walk is damaged' in summary.damage
    written = sum(len(messages) for messages in read_bag(tmp_path / 'out').values())
    assert 0 < written == summary.images < 12
