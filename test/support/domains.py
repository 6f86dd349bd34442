"""The ROS domain of a test process, which keeps its nodes apart from those of other tests."""

import os
import socket

# The demo uses the domains 51 to 101.
_DOMAINS = range(1, 51)
_VARIABLE = 'POSENET_TEST_DOMAIN'

_claims: list[socket.socket] = []


def claim_domain() -> int:
    """
    Return a domain that no other test process on this machine has; its child processes share it.

    The first candidate depends on the process id, because processes in other containers on the
    same network cannot see the claim. Raises RuntimeError if all domains are in use.
    """
    if _VARIABLE not in os.environ:
        first = os.getpid() % len(_DOMAINS)
        candidates = [*_DOMAINS[first:], *_DOMAINS[:first]]
        domain = next((number for number in candidates if _is_claimed(number)), None)
        if domain is None:
            raise RuntimeError(f'{len(_DOMAINS)} test processes use all domains: end some of them')
        os.environ[_VARIABLE] = str(domain)
    return int(os.environ[_VARIABLE])


def _is_claimed(domain: int) -> bool:
    """Try to bind a socket named after the domain, which Linux closes when the process ends."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f'\0posenet_ros test domain {domain}')
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True
