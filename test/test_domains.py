"""The ROS domains of test processes."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
import subprocess
import sys

from golden import ROOT

# With the same process id, as in two containers, both processes try the same domain first.
_CLAIM = """
import os
os.getpid = lambda: 7
import domains
print(domains.claim_domain(), flush=True)
input()
"""


@contextmanager
def claimed_domain(**environment: str) -> Iterator[int]:
    """Run a process that claims a domain, during the block."""
    inherited = {name: value for name, value in os.environ.items() if 'DOMAIN' not in name}
    process = subprocess.Popen(
        [sys.executable, '-c', _CLAIM],
        env={**inherited, 'PYTHONPATH': str(ROOT / 'test' / 'support'), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.communicate('\n', timeout=30)


def test_two_test_processes_have_different_domains_from_1_to_50() -> None:
    with claimed_domain() as first, claimed_domain() as second:
        assert first != second
        assert {first, second} <= set(range(1, 51))


def test_a_program_that_a_test_starts_has_the_domain_of_the_test() -> None:
    with claimed_domain(POSENET_TEST_DOMAIN='3') as domain:
        assert domain == 3
