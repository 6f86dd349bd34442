"""
The shared libraries that a library needs, and which of them are missing.

If ONNX Runtime cannot load the library of an execution provider, it only prints the reason. To
find the reason, this module tries to load each library that the provider's library needs. It does
not load the provider's library itself, because only ONNX Runtime can initialise it.

The format of libraries on Linux, ELF: https://refspecs.linuxfoundation.org/elf/elf.pdf
"""

import ctypes
import itertools
import mmap
from pathlib import Path
import struct

# Program header types, and tags of the dynamic section.
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NULL, _DT_NEEDED, _DT_STRTAB = 0, 1, 5

# Fields of a 64-bit, little-endian file. In the file header: e_phoff, e_phentsize and e_phnum. In
# a program header: p_type, p_offset, p_vaddr, p_filesz. Last, an entry of the dynamic section.
_TABLE_OFFSET = (32, struct.Struct('<Q'))
_TABLE_SHAPE = (54, struct.Struct('<HH'))
_SEGMENT = struct.Struct('<I4xQQ8xQ')
_ENTRY = struct.Struct('<qQ')


def needed(library: Path) -> list[str]:
    """
    Return the names of the libraries that a library is linked to.

    Returns no names for a file that is not a 64-bit, little-endian ELF file. Raises OSError if the
    file cannot be read.
    """
    with library.open('rb') as file:
        if file.read(6) != b'\x7fELF\x02\x01':
            return []
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _needed(data)


def _needed(data: mmap.mmap) -> list[str]:
    (start,) = _TABLE_OFFSET[1].unpack_from(data, _TABLE_OFFSET[0])
    size, count = _TABLE_SHAPE[1].unpack_from(data, _TABLE_SHAPE[0])
    segments = [_SEGMENT.unpack_from(data, start + size * number) for number in range(count)]
    for kind, offset, _, length in segments:
        if kind == _PT_DYNAMIC:
            end = offset + length // _ENTRY.size * _ENTRY.size
            entries = list(_ENTRY.iter_unpack(data[offset:end]))
            used = list(itertools.takewhile(lambda entry: entry[0] != _DT_NULL, entries))
            return _names(data, used, segments)
    return []


def _names(
    data: mmap.mmap, entries: list[tuple[int, int]], segments: list[tuple[int, ...]]
) -> list[str]:
    """Return the needed names from the string table of the dynamic section."""
    address = dict(entries)[_DT_STRTAB]
    strings = next(
        address - virtual + offset
        for kind, offset, virtual, length in segments
        if kind == _PT_LOAD and virtual <= address < virtual + length
    )
    names = []
    for tag, offset in entries:
        if tag == _DT_NEEDED:
            start = strings + offset
            end = data.find(b'\0', start)
            names.append(data[start:end].decode())
    return names


def missing(library: Path) -> list[str]:
    """Return the names of the needed libraries that cannot be loaded, in the order of the file."""
    beside = {path.name for path in library.parent.glob('*.so*')}
    return [name for name in needed(library) if name not in beside and not is_loadable(name)]


def is_loadable(name: str) -> bool:
    """Return whether the system's loader can load a library; if so, it stays loaded."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
