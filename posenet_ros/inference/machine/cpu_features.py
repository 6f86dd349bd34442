"""The precisions for which this machine's CPU has fast instructions."""

from pathlib import Path

_CPUINFO = Path('/proc/cpuinfo')

#: The CPU flags, as Linux names them. Any one of them means that multiplication in the precision
#: is fast.
PRECISION_FLAGS = {
    'bfloat16': ('avx512_bf16', 'amx_bf16'),
    'int8': ('avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp'),
}


def cpu_flags(cpuinfo: Path = _CPUINFO) -> set[str]:
    """Return the flags of the first CPU, or an empty set if Linux does not list them."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return set()
    for line in lines:
        name, _, value = line.partition(':')
        if name.strip() in ('flags', 'Features'):  # on x86, on ARM
            return set(value.split())
    return set()


def flags_for(precision: str, flags: set[str]) -> list[str]:
    """Return those of the flags that make a precision fast."""
    return [flag for flag in PRECISION_FLAGS.get(precision, ()) if flag in flags]


def cpu_name(cpuinfo: Path = _CPUINFO) -> str:
    """Return the model name of the first CPU, or `unknown`."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return 'unknown'
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else 'unknown'
