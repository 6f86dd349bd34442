"""
Programs in a mount namespace where /dev/shm has a chosen size, as in a container.

As a program (limited_shared_memory.py PICTURE IMAGES), it runs image_source and posenet_node until
IMAGES images have arrived or got lost, and prints a `Traffic` as JSON.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import subprocess
import sys

import pytest

_MOUNT = 'mount -t tmpfs -o size="$1" tmpfs /dev/shm && shift && exec "$@"'
_PATIENCE = 120


@dataclass(frozen=True)
class Traffic:
    """What the node reported on /diagnostics, and what it printed."""

    received: int
    lost: int
    #: Message of the node's own status.
    message: str
    output: str


def measure_traffic(size: str, profile: Path, picture: Path, *, images: int) -> Traffic:
    """
    Publish a picture to the node, with a size of /dev/shm such as 64m and a Fast DDS profile.

    Skips the test if namespaces are not permitted here.
    """
    _skip_unless_permitted()
    variables = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
    command = [sys.executable, __file__, str(picture), str(images)]
    done = _run_limited(size, command, dict.fromkeys(variables, str(profile)))
    assert done.returncode == 0, done.stderr
    return Traffic(**json.loads(done.stdout.splitlines()[-1]))


def run_full(program: Path, present: Sequence[str]) -> 'subprocess.CompletedProcess[str]':
    """
    Run a program where /dev/shm is full, and has some files of 4 kB that exist before that.

    Skips the test if namespaces are not permitted here.
    """
    _skip_unless_permitted()
    fill = (
        'for name; do head -c 4k /dev/zero > "/dev/shm/$name"; done; '
        'head -c 1M /dev/zero > /dev/shm/filling 2> /dev/null; exec "$0"'
    )
    return _run_limited('64k', ['sh', '-c', fill, str(program), *present], {})


def _skip_unless_permitted() -> None:
    probe = _run_limited('64k', ['true'], {})
    if probe.returncode:
        pytest.skip(f'mount namespaces are not permitted here: {probe.stderr.strip()}')


def _run_limited(
    size: str, command: list[str], environment: dict[str, str]
) -> 'subprocess.CompletedProcess[str]':
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get('PYTHONPATH', '')])
    return subprocess.run(
        ['unshare', '--mount', 'sh', '-c', _MOUNT, 'sh', size, *command],
        env={**os.environ, 'PYTHONPATH': path, **environment},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
    )


def _main(picture: str, images: str) -> None:
    from reports import Reports
    from ros_graph import open_graph

    with open_graph() as graph:
        reports = Reports(graph)
        node = graph.start_posenet()
        graph.start('image_source', '-p', f'source:={picture}')

        def counts() -> list[int]:
            return [int(reports.value(f'images {name}') or '0') for name in ('received', 'lost')]

        graph.wait_until(
            lambda: reports.number and sum(counts()) >= int(images), f'{images} images'
        )
        received, lost = counts()
        found = Traffic(received, lost, reports.node.message, node.output)
        print(json.dumps(asdict(found)))


if __name__ == '__main__':
    _main(*sys.argv[1:])
