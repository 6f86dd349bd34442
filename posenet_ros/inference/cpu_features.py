"""The instructions of this machine's CPU that decide which precision is fast."""

from pathlib import Path

_CPUINFO = Path('/proc/cpuinfo')

#: Flags, as Linux calls them, of which any one multiplies in a precision.
PRECISION_FLAGS = {
    'bfloat16': ('avx512_bf16', 'amx_bf16'),
    'int8': ('avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp'),
}


def cpu_flags(cpuinfo: Path = _CPUINFO) -> set[str]:
    """Return the flags of the first CPU; empty where Linux does not tell."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return set()
    for line in lines:
        name, _, value = line.partition(':')
        if name.strip() in ('flags', 'Features'):  # of x86, of ARM
            return set(value.split())
    return set()


def flags_for(precision: str, flags: set[str]) -> list[str]:
    """Return those of the flags that a precision is fast with."""
    return [flag for flag in PRECISION_FLAGS.get(precision, ()) if flag in flags]


def cpu_name(cpuinfo: Path = _CPUINFO) -> str:
    """Return the name of the first CPU, or `unknown`."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return 'unknown'
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else 'unknown'
