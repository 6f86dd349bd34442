"""The attacks: each module has a function that attacks until the time of its session is over."""

from torture.attacks.attack import Attack
from torture.attacks.cameras import attack_cameras
from torture.attacks.command import attack_command
from torture.attacks.depth import attack_depth
from torture.attacks.files import attack_files
from torture.attacks.flood_rounds import attack_with_flood
from torture.attacks.hosts import measure_hosts
from torture.attacks.limits import attack_limits
from torture.attacks.memory import attack_memory
from torture.attacks.messages import attack_messages
from torture.attacks.services import attack_services
from torture.attacks.signals import attack_signals

#: All attacks by name, in the order in which they run. Weights are shares of the time.
ATTACKS: dict[str, Attack] = {
    'messages': Attack(
        attack_messages, 4, 'random fields, damaged image files and damaged serialized messages'
    ),
    'depth': Attack(
        attack_depth,
        3,
        'depth of wrong sizes, encodings and times, damaged, and with extreme values',
    ),
    'services': Attack(
        attack_services, 4, 'requests for parameters and states, valid and invalid, many at once'
    ),
    'flood': Attack(
        attack_with_flood,
        3,
        'good and broken images while settings, states and subscribers change',
    ),
    'signals': Attack(
        attack_signals, 4, 'SIGINT and SIGTERM at random instants, to nodes and to the command'
    ),
    'limits': Attack(
        attack_limits, 3, 'limits of memory, file size and descriptors; full disks; small /dev/shm'
    ),
    'cameras': Attack(
        attack_cameras, 3, 'cameras that are killed and return, share a topic, or change their QoS'
    ),
    'files': Attack(
        attack_files, 3, 'model files that are damaged, replaced or deleted while the node runs'
    ),
    'memory': Attack(
        attack_memory, 3, 'huge and extreme images, headers that claim huge sizes, extreme inputs'
    ),
    'command': Attack(
        attack_command, 2, '`posenet estimate` on damaged, endless and unreadable files'
    ),
    'hosts': Attack(measure_hosts, 5, 'images over a network with limited bandwidth and loss'),
}
