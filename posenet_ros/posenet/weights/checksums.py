"""Checksums of files."""

import hashlib
from pathlib import Path

from posenet_ros.regular_files import open_regular_file

_CHUNK_BYTES = 1 << 20


def sha256(path: Path) -> str:
    """
    Return the sha256 of a regular file as 64 hexadecimal digits.

    Raises OSError if it cannot be read, or is not a regular file.
    """
    digest = hashlib.sha256()
    with open_regular_file(path) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
