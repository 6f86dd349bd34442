"""Checksums of files."""

import hashlib
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def sha256(path: Path) -> str:
    """
    Return the sha256 of a regular file as 64 hexadecimal digits.

    Raises OSError if it cannot be read, or is not a regular file, which might never end.
    """
    if path.exists() and not path.is_file():
        raise OSError(f'{path} is not a file')
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
