import json
from pathlib import Path

from command_line import write_picture
import numpy as np
import pytest

from posenet_ros.cli.main import main
from posenet_ros.image_files import read_image, write_png

Output = pytest.CaptureFixture[str]


def write_walk(folder: Path, count: int) -> list[str]:
    """Write images in which a person moves to the right, and return their paths."""
    astronaut = read_image(write_picture(folder))
    paths = []
    for step in range(count):
        shifted = np.roll(astronaut, 8 * step, axis=1)
        paths.append(str(folder / f'walk_{step}.png'))
        write_png(Path(paths[-1]), shifted)
    return paths


def printed_ids(out: str) -> list[list[int]]:
    """Return the ids of the people in each image that was printed as JSON."""
    lines = map(json.loads, out.splitlines())
    return [[pose['track_id'] for pose in line['poses']] for line in lines]


def test_without_track_nobody_has_an_id(tmp_path: Path, capsys: Output) -> None:
    assert main(['estimate', '--json', *write_walk(tmp_path, 4)]) == 0
    assert printed_ids(capsys.readouterr().out) == [[0]] * 4


def test_with_track_a_person_keeps_the_id_from_image_to_image(
    tmp_path: Path, capsys: Output
) -> None:
    assert main(['estimate', '--json', '--track', *write_walk(tmp_path, 5)]) == 0
    assert printed_ids(capsys.readouterr().out) == [[0], [0], [1], [1], [1]]


def test_track_options_reach_the_tracker(tmp_path: Path, capsys: Output) -> None:
    images = write_walk(tmp_path, 2)
    main(['estimate', '--json', '--track', '--track-min-hits', '1', *images])
    assert printed_ids(capsys.readouterr().out) == [[1], [1]]


def test_at_a_low_rate_a_person_in_consecutive_images_keeps_the_id(
    tmp_path: Path, capsys: Output
) -> None:
    images = write_walk(tmp_path, 2)
    main(['estimate', '--json', '--track', '--track-min-hits', '1', '--rate', '0.5', *images])
    assert printed_ids(capsys.readouterr().out) == [[1], [1]]


def test_an_unreadable_image_counts_as_one_without_people(tmp_path: Path, capsys: Output) -> None:
    images = write_walk(tmp_path, 4)
    Path(images[2]).unlink()
    options = ['--json', '--track', '--track-min-hits', '2', '--rate', '1']
    options += ['--track-max-age', '1.5']
    assert main(['estimate', *options, *images]) == 1
    assert printed_ids(capsys.readouterr().out) == [[0], [1], [0]]


def test_images_of_another_size_start_the_ids_again_with_a_message(
    tmp_path: Path, capsys: Output
) -> None:
    images = write_walk(tmp_path, 3)
    last = Path(images[2])
    write_png(last, read_image(last)[:400])
    assert main(['estimate', '--json', '--track', '--track-min-hits', '2', *images]) == 0
    out, err = capsys.readouterr()
    first, second, third = printed_ids(out)
    assert (first, second, set(third)) == ([0], [1], {0})
    assert err.count('differ in size') == 1
    assert str(last) in err


def test_annotated_images_show_the_ids(tmp_path: Path) -> None:
    images = write_walk(tmp_path, 3)
    plain, tracked = tmp_path / 'plain', tmp_path / 'tracked'
    main(['estimate', *images, '--annotate', str(plain)])
    main(['estimate', *images, '--annotate', str(tracked), '--track'])
    same = [
        np.array_equal(read_image(path), read_image(tracked / path.name))
        for path in sorted(plain.iterdir())
    ]
    assert same == [False, False, False]  # grey without an id, labelled with one
