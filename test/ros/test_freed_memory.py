import platform
import subprocess
import sys

import pytest

# Counts the page faults of allocating and freeing blocks as large as images many times.
_PROGRAM = """
import resource
from posenet_ros.ros.freed_memory import keep_freed_memory
{keep}
def use():
    for _ in range(100):
        [bytearray(3_000_000) for _ in range(4)]
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(keep: str) -> int:
    program = [sys.executable, '-c', _PROGRAM.format(keep=keep)]
    return int(subprocess.run(program, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='only glibc has mallopt')
def test_freed_memory_is_reused_without_page_faults() -> None:
    assert page_faults('keep_freed_memory()') < page_faults('') / 100
