"""A camera and the node on two hosts: what the node reports, and the measurement of both."""

from collections.abc import Iterator
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

from golden import ROOT
import pytest

from posenet_ros.fastdds_profile import VARIABLES

PROGRAM = ROOT / 'test' / 'support' / 'camera_on_another_host.py'
NAMESPACES = Path('/run/netns')


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make torture/ importable, after the installed package."""
    monkeypatch.setattr(sys, 'path', [*sys.path, str(ROOT)])


@pytest.fixture
def networks() -> Iterator[Any]:
    """Return two networks; skips the test if they are not permitted here."""
    from torture.two_networks import missing_tools, TwoNetworks

    if missing_tools():
        pytest.skip(f'namespaces need {", ".join(missing_tools())}')
    try:
        with TwoNetworks() as made:
            yield made
    except subprocess.CalledProcessError as error:
        pytest.skip(f'network namespaces are not permitted here: {error.stderr!r}')


def own_namespaces() -> list[Path]:
    return list(NAMESPACES.glob(f'posenet_{os.getpid()}_*'))


def test_the_ends_reach_each_other_also_over_a_limited_link(networks: Any) -> None:
    networks.limit(100)
    networks.limit(None)
    networks.set_kernel({'net.ipv4.ipfrag_time': 3})
    listen = (
        'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("198.18.0.2", 9));'
        's.settimeout(20); print("ready", flush=True); print(s.recv(9))'
    )
    send = 'import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("198.18.0.2", 9))'
    listener = subprocess.Popen(
        networks.command('node', sys.executable, '-c', listen), stdout=subprocess.PIPE, text=True
    )
    assert listener.stdout is not None
    assert listener.stdout.readline() == 'ready\n'
    subprocess.run(networks.command('camera', sys.executable, '-c', send), check=True)
    assert listener.communicate(timeout=30)[0] == "b'x'\n"


@pytest.mark.usefixtures('network_075')
def test_the_node_reports_that_the_publisher_is_on_another_host(networks: Any) -> None:
    from posenet_ros.ros.topics.middleware import is_fast_dds

    if not is_fast_dds():
        pytest.skip('only Fast DDS shows where a publisher runs')
    environment = {
        **os.environ,
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET',
        'FASTDDS_BUILTIN_TRANSPORTS': 'UDPv4',  # /dev/shm is the same in both networks
        **dict.fromkeys(VARIABLES.values(), ''),
    }
    command = networks.command('node', sys.executable, PROGRAM, *networks.command('camera'))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    assert 'the topic has a publisher on another host' in done.stdout


def test_an_exception_removes_the_networks_and_ends_their_processes(networks: Any) -> None:
    process = subprocess.Popen(networks.command('node', 'sleep', '60'))
    assert len(own_namespaces()) == 2
    networks.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert process.wait(20) != 0
    assert own_namespaces() == []


def test_without_root_nothing_is_measured_and_the_reason_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from torture.two_hosts import measure

    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    reported: list[str] = []
    assert measure(seconds=1.0, report=reported.append) == []
    assert 'needs root privileges' in reported[0]


def test_the_table_has_the_share_and_the_latency_of_each_condition() -> None:
    from torture.two_hosts import markdown, Row

    row = Row(
        setup='defaults', size='640x480', kind='raw', reliability='best_effort', limit=100,
        loss=1, due=90, processed=45, latency_median=12.3, latency_p95=None,
    )  # fmt: skip
    last = markdown([row]).splitlines()[-1]
    expected = 'defaults | 640x480 raw | best effort | 100 Mbit/s | 1 % | 50 % | 12 ms | -'
    assert last == f'| {expected} |'
