"""`posenet estimate` on damaged, endless and unreadable files."""

from collections.abc import Callable, Sequence
import os
from pathlib import Path
import resource
import shutil

import numpy as np
from torture.bounds import MAX_START
from torture.command_runs import Ended, posenet_command, run_bounded
from torture.damage import (
    CLAIMED_SIZES,
    damage,
    EXTENSIONS,
    image_file,
    jpeg_that_claims,
    png_that_claims,
    png_with_wrong_lengths,
)
from torture.session import Session

# Files per run of the command, whose start takes more time than a small image.
_FILES = 12

# MB by which a run may exceed that of a good image. Images of 36 million pixels are allowed, and
# take 108 MB, 144 MB as Pillow decodes them, and 540 MB in the graph of the network.
_MAX_GROWTH = 1000.0


def attack_command(session: Session) -> None:
    """Run the command on hostile files and a good one, which it must process."""
    tally = session.tally
    good = session.folder / 'good.png'
    good.write_bytes(image_file(session.picture, '.png'))
    _estimate(session, [], good)
    before = _peak_megabytes()
    while session.goes_on:
        folder = session.folder / 'images'
        folder.mkdir()
        files = [folder / str(number) for number in range(_FILES)]
        made = {}
        for path in files:
            kind = session.choice.choice(list(_KINDS))
            tally.done[kind] += 1
            made[_KINDS[kind](session, path)] = kind
        _estimate(session, list(made.items()), good)
        _close_output(session, good)
        shutil.rmtree(folder)
    tally.note_memory(before, _peak_megabytes(), _peak_megabytes())
    if _peak_megabytes() - before > _MAX_GROWTH:
        tally.fail(f'the command held {_peak_megabytes() - before:.0f} MB more than usual')


def _peak_megabytes() -> float:
    """Return the largest memory of any command so far, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _estimate(session: Session, hostile: Sequence[tuple[Path, str]], good: Path) -> None:
    """Run the command; a message per file and no traceback is right, and the good image counts."""
    tally = session.tally
    tally.sent += 1
    paths = [path for path, _ in hostile]
    ended = run_bounded(posenet_command('estimate', '--json', *paths, good), seconds=MAX_START)
    tally.longest_delay = max(tally.longest_delay, ended.seconds)
    kinds = ', '.join(sorted({kind for _, kind in hostile}))
    if ended.exit_code is None:
        tally.fail(f'posenet estimate did not end within {MAX_START:g} s: {kinds}')
        return
    if ended.judge(tally, f'posenet estimate on {kinds}', allowed=(0, 1)):
        tally.answered += _has_poses(session, ended, good, kinds)


def _has_poses(session: Session, ended: Ended, good: Path, kinds: str) -> bool:
    lines = [
        line for line in ended.printed.splitlines() if str(good) in line and '"poses"' in line
    ]
    if not lines:
        session.tally.fail(f'posenet estimate printed no poses for the good image: {kinds}')
    return bool(lines)


def _close_output(session: Session, good: Path) -> None:
    """Run the command with a standard output that is closed, full, or a pipe without a reader."""
    command = posenet_command('estimate', *[good] * 20)
    shell, allowed = session.choice.choice(
        [('"$@" >&-', (0, 1)), ('"$@" > /dev/full', (1,)), ('"$@" | head -n 1', (0,))]
    )
    session.tally.done['output: ' + shell.replace('"$@" ', '')] += 1
    ended = run_bounded(['sh', '-c', shell, 'sh', *command], seconds=MAX_START)
    if ended.exit_code is None:
        session.tally.fail(f'posenet estimate did not end: {shell}')
    else:
        ended.judge(session.tally, f'posenet estimate {shell}', allowed=allowed)


def _damaged(session: Session, path: Path) -> Path:
    picture = session.picture[:100, :150]
    path.write_bytes(
        damage(image_file(picture, session.choice.choice(EXTENSIONS)), session.choice)
    )
    return path


def _claiming(session: Session, path: Path) -> Path:
    size = session.choice.choice(CLAIMED_SIZES)
    make = session.choice.choice([jpeg_that_claims, png_that_claims])
    path.write_bytes(make(session.picture[:64, :64], *size))
    return path


def _wrong_lengths(session: Session, path: Path) -> Path:
    path.write_bytes(png_with_wrong_lengths(session.picture[:64, :64], session.choice))
    return path


def _random_bytes(session: Session, path: Path) -> Path:
    path.write_bytes(session.choice.randbytes(session.choice.choice([0, 1, 1000, 100_000])))
    return path


def _extreme(session: Session, path: Path) -> Path:
    size = session.choice.choice([(1, 20_000), (20_000, 1), (1, 1), (3, 3)])
    path.write_bytes(image_file(np.zeros((*size, 3), np.uint8), '.png'))
    return path


def _named_strangely(session: Session, path: Path) -> Path:
    name = session.choice.choice([b'\xff\xfe.png', b'a\nb.png', b'\x1b[31m.png', b'x' * 200])
    strange = path.with_name(os.fsdecode(path.name.encode() + name))
    strange.write_bytes(image_file(session.picture[:64, :64], '.png'))
    return strange


def _folder(_: Session, path: Path) -> Path:
    path.mkdir()
    return path


def _fifo(_: Session, path: Path) -> Path:
    os.mkfifo(path)
    return path


def _link_to(target: str) -> Callable[[Session, Path], Path]:
    def make(_: Session, path: Path) -> Path:
        path.symlink_to(target)
        return path

    return make


_KINDS: dict[str, Callable[[Session, Path], Path]] = {
    'damaged image': _damaged,
    'header that claims a size': _claiming,
    'PNG with wrong lengths': _wrong_lengths,
    'random bytes': _random_bytes,
    'extreme size': _extreme,
    'strange name': _named_strangely,
    'folder': _folder,
    'named pipe': _fifo,
    '/dev/zero': _link_to('/dev/zero'),
    'link to itself': lambda _, path: _link_to(path.name)(_, path),
    'link to nothing': _link_to('/nowhere/at/all'),
    'path below a file': lambda _, path: path.parent.with_name('good.png') / path.name,
}
