"""What posenet_node leaves on a machine, and whom it talks to, as strace sees it."""

import ipaddress
import os
from pathlib import Path
import re
import socket

from ament_index_python import get_package_prefix
import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import DOMAIN, Graph, image_message
from traced_programs import Trace, traced

from posenet_ros.posenet.weights.store import cache_folder
from posenet_ros.ros.topics.middleware import is_fast_dds

# Shared memory of Fast DDS and its semaphores, and of LTTng, which rcl's tracing loads.
SHARED_MEMORY = re.compile(r'/dev/shm/((fastrtps|fastdds)_\w+|sem\.\w+|lttng-ust-wait-[\w-]+)')
# Netlink lists the network interfaces of this machine.
SOCKETS = {
    'AF_INET SOCK_DGRAM',
    'AF_NETLINK SOCK_RAW',
    'AF_UNIX SOCK_DGRAM',
    'AF_UNIX SOCK_STREAM',
}
# The C library's cache of user names, and LTTng's daemon, if they are there.
LOCAL_PEERS = re.compile(r'/(var/)?run/nscd/socket|.*lttng-ust-sock-\d+')
NAME_SERVICE = 53

pytestmark = [
    pytest.mark.usefixtures('network_075'),
    pytest.mark.skipif(
        not is_fast_dds(),
        reason='these are the files and sockets of Fast DDS, and another middleware is in use',
    ),
]


@pytest.fixture
def trace(graph: Graph, tmp_path: Path, astronaut: NDArray[np.uint8]) -> Trace:
    """Return the trace of a node that has processed an image and was then stopped."""
    node = Path(get_package_prefix('posenet_ros'), 'lib', 'posenet_ros', 'posenet_node')
    environment = {
        **os.environ,
        'HOME': str(tmp_path / 'home'),
        'POSENET_HOME': str(cache_folder()),
        'PYTHONDONTWRITEBYTECODE': '1',
        'ROS_DOMAIN_ID': str(DOMAIN),
        'ROS_LOG_DIR': str(tmp_path / 'log'),
    }
    poses = graph.collect_poses()
    with traced([node], tmp_path, environment) as program:
        publisher = graph.image_publisher()
        graph.publish_until(publisher, image_message(astronaut), lambda: poses, 'poses')
        assert program.interrupt() == 0
        return program.trace()


def is_on_this_machine(address: str) -> bool:
    """Whether an address is one of this machine's."""
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def test_the_node_writes_only_its_log_and_shared_memory_and_talks_only_to_its_middleware(
    trace: Trace, tmp_path: Path
) -> None:
    log = str(tmp_path / 'log')
    others = {path for path in trace.written if not path.startswith(log)}
    assert any(path.startswith(log) for path in trace.written)
    assert {path for path in others if not SHARED_MEMORY.fullmatch(path)} <= {'/dev/null'}
    assert not (tmp_path / 'home').exists()
    assert trace.sockets <= SOCKETS
    assert {path for path in trace.local_peers if not LOCAL_PEERS.fullmatch(path)} == set()
    assert trace.peers  # at least the discovery of other nodes
    for address, port in trace.peers:
        multicast = ipaddress.ip_address(address).is_multicast
        assert multicast or is_on_this_machine(address), f'{address}, port {port}'
        assert port != NAME_SERVICE
