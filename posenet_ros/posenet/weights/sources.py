"""Fetching the published files of a source, over HTTPS or with npm."""

from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
import shutil
import subprocess
import tarfile
import urllib.request

from posenet_ros.errors import ChecksumError, DownloadError
from posenet_ros.posenet.weights.catalogue import Source
from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.tfjs_manifest import weight_file_names

#: Called with the name of the current item, the amount done and the total; total 0 is unknown.
Progress = Callable[[str, int, int], None]

# Seconds without a response before a URL counts as unreachable.
_HTTPS_TIMEOUT = 20
# Maximum duration of `npm pack` in seconds; the largest package has 60 MB.
_NPM_TIMEOUT = 600
_CHUNK_BYTES = 1 << 16


def fetch_files(source: Source, folder: Path, progress: Progress) -> None:
    """
    Fetch the manifest and the weight files of a source into a folder.

    Raises DownloadError if the source cannot be reached or a file is missing, and WeightsError if
    the manifest is invalid.
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

    Raises DownloadError if a file is missing, and ChecksumError if a sha256 differs.
    """
    for name in (source.manifest, *weight_file_names(folder / source.manifest)):
        expected = source.sha256.get(name)
        if not (folder / name).is_file():
            raise DownloadError(
                f'{folder} has no file {name}, which {source.manifest} lists; copy all published '
                'files to this folder'
            )
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
                with (folder / name).open('wb') as file:
                    while chunk := response.read(_CHUNK_BYTES):
                        file.write(chunk)
                        progress(name, file.tell(), total)
                    if file.tell() < total:
                        raise DownloadError(
                            f'{url}: the connection closed after {file.tell()} of {total} bytes'
                        )
        except (OSError, HTTPException, ValueError) as error:
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
            _extract_files(archive, source, folder)
            archive.unlink()
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip() or f'npm pack failed with exit code {error.returncode}'
        raise DownloadError(f'{source.label}: {reason}') from error
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError, tarfile.TarError) as error:
        raise DownloadError(f'{source.label}: {error}') from error


def _extract_files(archive: Path, source: Source, folder: Path) -> None:
    """Extract the manifest and its weight files, and nothing else, from an npm package."""
    with tarfile.open(archive) as package:

        def extract(name: str) -> None:
            member = package.extractfile(f'package/{source.folder}/{name}')
            if member is None:
                raise DownloadError(f'{source.label}: {name} is not a file')
            with member, (folder / name).open('wb') as file:
                shutil.copyfileobj(member, file)

        extract(source.manifest)
        for name in weight_file_names(folder / source.manifest):
            extract(name)
