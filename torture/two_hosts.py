"""
A camera and posenet_node on two hosts: which share of the images is processed, and how late.

    python torture/two_hosts.py [SECONDS]     print a table for docs/reliability.md

The hosts are two network namespaces of this machine. Fast DDS uses UDP only; one of the three
setups has a profile.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, ExitStack
from dataclasses import dataclass, field
import itertools
import os
from pathlib import Path
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from ament_index_python import get_package_prefix

sys.path.append(str(Path(__file__).resolve().parent.parent))

from torture.two_networks import missing_tools, TwoNetworks

_PROGRAMS = Path(__file__).resolve().parent / 'programs'

RATE = 30.0
SIZES = ('640x480',)
KINDS = ('raw', 'compressed')
RELIABILITIES = ('best_effort', 'reliable')


@dataclass(frozen=True)
class Setup:
    """How the hosts are set up."""

    #: Kernel settings of the node's host.
    kernel: Mapping[str, int] = field(default_factory=dict)
    #: Fast DDS profile of all programs.
    profile: Path | None = None


SETUPS = {
    'defaults': Setup(),
    'kernel settings': Setup(
        {'net.ipv4.ipfrag_time': 3, 'net.ipv4.ipfrag_high_thresh': 128 * 2**20}
    ),
    'fastdds_network.xml': Setup(
        profile=Path(__file__).resolve().parent.parent / 'config' / 'fastdds_network.xml'
    ),
}
#: Mbit/s of the link; None is without a limit.
LIMITS = (None, 100)
#: Percentages of packets lost.
LOSSES = (0, 1, 5)

_DOMAIN = 0  # no other participant is in these networks
# Seconds to wait: for a program to be ready or to end, and for late images.
_PATIENCE = 30.0
_DRAIN = 1.5
_WARM_UP = 10.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured under one condition."""

    #: One of SETUPS.
    setup: str
    #: WIDTHxHEIGHT.
    size: str
    #: One of KINDS.
    kind: str
    #: One of RELIABILITIES, of the node's subscription.
    reliability: str
    #: Mbit/s of the link, or None.
    limit: int | None
    #: Percentage of packets lost.
    loss: int
    #: Images that the camera should have published, at RATE.
    due: int
    processed: int
    #: Milliseconds from an image's stamp to the arrival of its poses; None without any.
    latency_median: float | None
    latency_p95: float | None

    @property
    def share(self) -> float:
        """Return which share of the images was processed, 0 to 1."""
        return min(1.0, self.processed / self.due)


def measure(*, seconds: float, report: Callable[[str], object] = print) -> list[Row]:
    """
    Publish for some seconds under each condition, and return the figures.

    Returns no rows if namespaces cannot be created here, and leaves out rows with packet loss
    where `nft` is missing; `report` gets a line that says why.
    """
    missing = missing_tools()
    if missing:
        report(f'two hosts: not measured, because it needs {" and ".join(missing)}')
        return []
    losses = LOSSES if shutil.which('nft') else (0,)
    if losses != LOSSES:
        report('two hosts: no rows with packet loss, because nft is not installed (nftables)')
    rows = []
    for setup, size, kind, reliability in itertools.product(SETUPS, SIZES, KINDS, RELIABILITIES):
        # New networks have no fragments left over from the previous condition.
        with TwoNetworks() as networks:
            networks.set_kernel(SETUPS[setup].kernel)
            with _programs(networks, setup, size, kind, reliability) as (camera, poses):
                for loss, limit in itertools.product(losses, LIMITS):
                    networks.limit(limit)
                    networks.lose(loss)
                    received = _feed(camera, poses, seconds)
                    condition = (setup, size, kind, reliability, limit, loss)
                    rows.append(_row(received, round(seconds * RATE), condition))
                    report(_line(rows[-1]))
    return rows


def markdown(rows: Sequence[Row]) -> str:
    """Return a table of the figures."""
    head = (
        '| setup | images at 30 Hz | reliability | link | packets lost | images processed '
        '| latency median | latency 95 % |\n| --- | --- | --- | --- | --- | --- | --- | --- |'
    )
    return '\n'.join([head, *map(_line, rows)]) + '\n'


def _line(row: Row) -> str:
    latencies = (
        '-' if one is None else f'{one:.0f} ms' for one in (row.latency_median, row.latency_p95)
    )
    cells = (
        row.setup,
        f'{row.size} {row.kind}',
        row.reliability.replace('_', ' '),
        'unlimited' if row.limit is None else f'{row.limit} Mbit/s',
        f'{row.loss} %',
        f'{100 * row.share:.0f} %',
        *latencies,
    )
    return f'| {" | ".join(cells)} |'


def _row(received: dict[int, int], due: int, condition: tuple[Any, ...]) -> Row:
    """Return a row from the arrival of poses by stamp, in ns."""
    setup, size, kind, reliability, limit, loss = condition
    late = sorted((arrival - stamp) / 1e6 for stamp, arrival in received.items())
    return Row(
        setup=setup,
        size=size,
        kind=kind,
        reliability=reliability,
        limit=limit,
        loss=loss,
        due=due,
        processed=len(late),
        latency_median=statistics.median(late) if late else None,
        latency_p95=late[int(0.95 * len(late))] if late else None,
    )


@contextmanager
def _programs(
    networks: TwoNetworks, setup: str, size: str, kind: str, reliability: str
) -> Iterator[tuple['subprocess.Popen[str]', Path]]:
    """Run the node, a listener and the camera; yield the camera and the listener's file."""
    profile = SETUPS[setup].profile
    topic = '/camera/image_raw' + ('/compressed' if kind == 'compressed' else '')
    node = Path(get_package_prefix('posenet_ros'), 'lib', 'posenet_ros', 'posenet_node')
    parameters = (
        f'image_topics:=[{topic}]',
        f'qos_overrides.{topic}.subscription.reliability:={reliability}',
        'input_size:=257x257',  # fast enough for every image
    )
    options = [word for parameter in parameters for word in ('-p', parameter)]
    camera = (_PROGRAMS / 'network_camera.py', kind, size, RATE)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(_start(networks, profile, 'node', node, '--ros-args', *options))
        listener = (sys.executable, _PROGRAMS / 'pose_listener.py')
        with (folder / 'poses').open('w') as output:
            stack.enter_context(_start(networks, profile, 'node', *listener, stdout=output))
        pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE}
        started = stack.enter_context(
            _start(networks, profile, 'camera', sys.executable, *camera, **pipes)
        )
        assert started.stdout is not None
        if not any(line == 'ready\n' for line in started.stdout):  # Fast DDS prints lines, too
            raise RuntimeError('the camera has not found the node')
        _warm_up(started, folder / 'poses')
        yield started, folder / 'poses'


def _warm_up(camera: 'subprocess.Popen[str]', poses: Path) -> None:
    """Publish until poses arrive, or for so long that they never will."""
    give_up = time.monotonic() + _WARM_UP
    while not poses.read_text() and time.monotonic() < give_up:
        _feed(camera, poses, 0.3)


@contextmanager
def _start(
    networks: TwoNetworks, profile: Path | None, end: str, *command: object, **pipes: Any
) -> Iterator['subprocess.Popen[str]']:
    """Run a program at an end during the block."""
    environment = {
        **os.environ,
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET',
        'ROS_DOMAIN_ID': str(_DOMAIN),
        # /dev/shm is the same in both networks.
        'FASTDDS_BUILTIN_TRANSPORTS': 'UDPv4',
    }
    for variable in ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE'):
        environment.pop(variable, None)
        if profile is not None:
            environment[variable] = str(profile)
    output = {'stdout': subprocess.DEVNULL, **pipes}
    started = subprocess.Popen(
        networks.command(end, *command), env=environment, text=True, **output
    )
    try:
        yield started
    finally:
        if started.stdin is None:  # else it ends when its input does
            started.send_signal(signal.SIGINT)
        try:
            started.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            started.kill()
            started.communicate()


def _feed(camera: 'subprocess.Popen[str]', poses: Path, seconds: float) -> dict[int, int]:
    """Publish for some seconds; return when the poses of each image arrived, by its stamp."""
    assert camera.stdin is not None
    assert camera.stdout is not None
    print(seconds, file=camera.stdin, flush=True)
    stamps = set(map(int, camera.stdout.readline().split()))
    time.sleep(_DRAIN)
    lines = (line.split() for line in poses.read_text().splitlines())
    times = {int(line[0]): int(line[1]) for line in lines if len(line) == 2}
    return {stamp: arrival for stamp, arrival in times.items() if stamp in stamps}


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    measured = measure(seconds=float(sys.argv[1]) if sys.argv[1:] else 5.0)
    print(markdown(measured))
