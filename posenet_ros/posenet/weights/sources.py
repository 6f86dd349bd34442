"""Bringing a source's files onto this machine, over https or with npm."""

from collections.abc import Callable
from http.client import HTTPException
import json
from pathlib import Path
import shutil
import subprocess
import tarfile
from typing import Any
import urllib.request

from posenet_ros.errors import ChecksumError, DownloadError, WeightsError
from posenet_ros.posenet.weights.catalogue import Source
from posenet_ros.posenet.weights.store import sha256

#: Called with what is being fetched, the bytes so far, and the bytes in all (0: not known).
Progress = Callable[[str, int, int], None]

# Seconds without any answer before a place counts as out of reach.
_HTTPS_TIMEOUT = 20
# Seconds for the whole of `npm pack`; the largest package has 60 MB.
_NPM_TIMEOUT = 600
_CHUNK = 1 << 16


def fetch(source: Source, folder: Path, progress: Progress) -> None:
    """
    Put the manifest and the weight files of a source into a folder.

    Raises DownloadError when the place cannot be reached or lacks a file.
    """
    if source.npm_package:
        _fetch_with_npm(source, folder, progress)
    else:
        _fetch_over_https(source, folder, progress)


def check_files(source: Source, folder: Path, *, origin: str) -> None:
    """
    Check the files of a folder against the sha256 that the catalogue has for a source.

    `origin` is where messages say that they came from.

    Raises DownloadError for a file that is missing, and ChecksumError for one that is not the
    one that was published.
    """
    for name in (source.manifest, *weight_file_names(folder / source.manifest)):
        expected = source.sha256.get(name)
        if not (folder / name).is_file():
            raise DownloadError(f'{folder} has no file {name}, which {source.manifest} names')
        actual = sha256(folder / name)
        if expected and actual != expected:
            raise ChecksumError(
                f'{name} from {origin} is broken or was tampered with: '
                f'its sha256 is {actual}, the published one {expected}'
            )


def read_manifest(path: Path) -> list[dict[str, Any]]:
    """
    Return the weights manifest of a TensorFlow.js model file: groups of paths and weights.

    Raises WeightsError when the file is something else.
    """
    try:
        groups: list[dict[str, Any]] = json.loads(path.read_bytes())['weightsManifest']
        for group in groups:
            [*group['paths'], *group['weights']]  # both can be gone through
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsError(f'{path.name} is not the manifest of a TensorFlow.js model') from error
    return groups


def weight_file_names(manifest: Path) -> list[str]:
    """
    Return the names of the weight files that a manifest lists.

    Raises WeightsError for a name that leads out of the manifest's folder.
    """
    names = [name for group in read_manifest(manifest) for name in group['paths']]
    for name in names:
        if not isinstance(name, str) or Path(name).name != name:
            raise WeightsError(f'{manifest.name} names a file outside its folder: {name!r}')
    return names


def _fetch_over_https(source: Source, folder: Path, progress: Progress) -> None:
    def fetch_file(name: str) -> None:
        address = f'{source.folder}/{name}'
        try:
            with urllib.request.urlopen(address, timeout=_HTTPS_TIMEOUT) as answer:
                total = int(answer.headers.get('Content-Length') or 0)
                with (folder / name).open('wb') as file:
                    while chunk := answer.read(_CHUNK):
                        file.write(chunk)
                        progress(name, file.tell(), total)
                    if file.tell() < total:
                        raise DownloadError(f'{address}: cut short at {file.tell()} of {total}')
        except (OSError, HTTPException, ValueError) as error:
            raise DownloadError(f'{address}: {getattr(error, "reason", error)}') from error

    fetch_file(source.manifest)
    for name in weight_file_names(folder / source.manifest):
        fetch_file(name)


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
            _extract(archive, source, folder)
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip() or f'npm pack ended with exit code {error.returncode}'
        raise DownloadError(f'{source.label}: {reason}') from error
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError, tarfile.TarError) as error:
        raise DownloadError(f'{source.label}: {error}') from error


def _extract(archive: Path, source: Source, folder: Path) -> None:
    """Take the manifest and its weight files, and nothing else, out of an npm package."""
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
    archive.unlink()
