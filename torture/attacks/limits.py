"""Limits of memory, file size and descriptors, full disks, and a small /dev/shm."""

from collections.abc import Callable
import os
from pathlib import Path
import shutil

from published import publish, small_weights
from torture.bounds import MAX_START
from torture.command_runs import posenet_command, run_bounded
from torture.isolation import can_isolate, with_disk
from torture.session import Session

from posenet_ros.posenet.weights.store import models_folder

_MODEL = 'mobilenet_v1_075'

# Seconds for which a node that receives no images must go on.
_WATCHED = 2.0

# Lists what is on the disk after the command, and keeps its exit code.
_THEN_LIST = '"$@"; code=$?; echo; echo FILES; cd "$0" && find . -type f; exit $code'


def attack_limits(session: Session) -> None:
    """Run nodes and commands under limits, one after the other."""
    published = session.folder / 'published'
    publish(small_weights(), published)
    ways: list[Callable[[Session], None]] = [
        _limit_node,
        lambda session: _limit_command(session, published),
    ]
    if can_isolate():
        ways += [_shrink_shared_memory, lambda session: _fill_disk(session, published)]
    else:
        session.tally.notes.append('full disks and a small /dev/shm need root')
    while session.goes_on:
        session.choice.choice(ways)(session)


def _limit_node(session: Session) -> None:
    """Start the node under a limit; it must work, or end with exit code 1 and a message."""
    limit = session.choice.choice(
        [
            *(f'--as={megabytes * 2**20}' for megabytes in (2500, 3000, 4000)),
            *(f'--nofile={count}' for count in (32, 48, 64, 128)),
            # What the node prints goes to a file, too, so not less than that.
            *(f'--fsize={size}' for size in (100_000, 1_000_000)),
        ]
    )
    session.tally.done[f'node with {limit}'] += 1
    _start_under(session, ['prlimit', f'{limit}:{limit.partition("=")[2]}'], limit)


def _shrink_shared_memory(session: Session) -> None:
    """Start the node with a small /dev/shm of its own, through which it gets no images."""
    # With 4k, Fast DDS ends the process with SIGBUS before it prints anything.
    size = session.choice.choice(['64k', '256k', '1m', '16m'])
    session.tally.done[f'node with a /dev/shm of {size}'] += 1
    _start_under(
        session, with_disk([], '/dev/shm', size), f'a /dev/shm of {size}', receives_images=False
    )


def _start_under(
    session: Session, prefix: list[str], what: str, *, receives_images: bool = True
) -> None:
    victim = session.start_victim(prefix=prefix)
    try:
        if not victim.wait_until_ready():
            if not victim.has_ended and 'cannot ' not in victim.output:
                victim.fail(f'the node is not active, and does not say why, with {what}')
        elif receives_images and not session.warm_up(victim):
            victim.fail(f'the node is active, but does not process images, with {what}')
        elif not receives_images:
            session.graph.holds_within(lambda: victim.has_ended, _WATCHED)
    finally:
        if victim.gave_up:  # as it should if it cannot start
            session.tally.done[f'gave up with {what}'] += 1
            victim.close()
        else:
            victim.end(what=what)


def _limit_command(session: Session, published: Path) -> None:
    """Download and quantize with a limit of the file size."""
    size = session.choice.choice([0, 1000, 20_000, 100_000, 1_000_000])
    home = session.folder / 'limited'
    prefix = ['prlimit', f'--fsize={size}:{size}']
    try:
        arguments = _arguments(session, home, published)
        session.tally.done[f'posenet {arguments[0]} with --fsize={size}'] += 1
        _judge(session, [*prefix, *posenet_command(*arguments)], home, f'--fsize={size}')
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _fill_disk(session: Session, published: Path) -> None:
    """Download to a disk that is too small, or quantize on it."""
    size = session.choice.choice(['4k', '16k', '64k', '200k', '1m', '11m', '14m'])
    home = session.folder / 'disk'
    home.mkdir(exist_ok=True)
    arguments = ['download', _MODEL, '--from', str(published)]
    session.tally.done[f'posenet download to a disk of {size}'] += 1
    _judge(session, posenet_command(*arguments), home, f'a disk of {size}', size=size)


def _arguments(session: Session, home: Path, published: Path) -> list[str]:
    """Return a command that writes to an empty cache, or to a copy of the user's."""
    if session.choice.random() < 0.5:
        return ['download', _MODEL, '--from', str(published)]
    shutil.copytree(models_folder() / _MODEL, home / 'models' / _MODEL)
    return ['quantize', _MODEL, '--output-stride', '16']


def _judge(
    session: Session, command: list[str], home: Path, limit: str, *, size: str = ''
) -> None:
    """Run a command that writes to the cache; it may fail with one message, and leave nothing."""
    home.mkdir(exist_ok=True)
    before = _files(home)
    whole = ['sh', '-c', _THEN_LIST, str(home), *command]
    if size:
        whole = with_disk(whole, str(home), size)
    environment = {'POSENET_HOME': str(home)}
    ended = run_bounded(whole, seconds=MAX_START, environment=environment)
    what = f'{" ".join(os.path.basename(word) for word in command[-5:])} with {limit}'
    if ended.exit_code is None:
        session.tally.fail(f'{what}: it did not end within {MAX_START:g} s')
        return
    if not ended.judge(session.tally, what, allowed=(0, 1)) or ended.exit_code == 0:
        return
    printed, _, listed = ended.printed.partition('\nFILES\n')
    messages = [line for line in printed.splitlines() if line.startswith('posenet')]
    if len(messages) != 1:
        session.tally.fail(f'{what}: {len(messages)} messages instead of one: {printed[-300:]!r}')
    left = set(listed.split()) - before
    if left:
        session.tally.fail(f'{what}: it left {sorted(left)[:5]}')


def _files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob('*') if path.is_file())
    return {f'./{path.relative_to(folder)}' for path in paths}
