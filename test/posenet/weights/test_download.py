"""
The way from published weights to graphs in the cache.

Weights come from folders and from a web server on this machine. npm is replaced by a program of
that name, at the edge of the machine; `make test` fetches real npm packages before it starts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
import http.server
import itertools
import os
from pathlib import Path
import tarfile
import threading
import time

from published import publish, small_weights
import pytest

from posenet_ros.errors import ChecksumError, DownloadError, WeightsError
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import Model, Source
from posenet_ros.posenet.weights.download import install
from posenet_ros.posenet.weights.mobilenet import layer_weights, weights_sha256


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'cache'))
    return tmp_path / 'cache'


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a folder with small weights as they are published."""
    publish(small_weights(), tmp_path / 'published')
    return tmp_path / 'published'


@pytest.fixture
def address(published: Path) -> Iterator[str]:
    """Serve the published weights and return their address."""
    with serve(published) as address:
        yield address


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder over http on this machine and give its address."""
    handler = partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()
        thread.join()


def source(folder: str, published: Path | None = None, npm_package: str = '') -> Source:
    """Return a source that knows the sha256 of published files, or of none."""
    known = {path.name: store.sha256(path) for path in published.iterdir()} if published else {}
    return Source(folder, 'model-stride16.json', npm_package=npm_package, sha256=known)


def model(*sources: Source, verifiable: bool = True) -> Model:
    sha256 = weights_sha256(layer_weights(small_weights(), 75)) if verifiable else ''
    return Model('mobilenet_v1_075', 75, (8, 16), sources, weights_sha256=sha256)


def ignore(*_: object) -> None:
    """Show no progress."""


def is_empty(cache: Path) -> bool:
    """Tell whether the cache has neither a model nor leftovers."""
    return not list((cache / 'models').iterdir())


def install_npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called npm first on the path."""
    folder.mkdir()
    (folder / 'npm').write_text(f'#!/bin/sh\n{script}\n')
    (folder / 'npm').chmod(0o755)
    monkeypatch.setenv('PATH', f'{folder}{os.pathsep}{os.environ["PATH"]}')


def test_weights_from_an_address_become_a_graph_for_each_output_stride_and_precision(
    address: str, published: Path
) -> None:
    record = install(model(source(address, published)), ignore)
    assert record.source == address
    assert record.verified
    for output_stride, precision in itertools.product((8, 16), ('float32', 'float16')):
        path = store.find_graph('mobilenet_v1_075', output_stride, precision)
        session = onnxruntime.InferenceSession(str(path))
        assert session.get_modelmeta().custom_metadata_map == {
            'model': 'mobilenet_v1_075',
            'output_stride': str(output_stride),
            'graph_format': str(store.GRAPH_FORMAT),
        }


def test_progress_is_told_in_bytes_and_graphs(address: str, published: Path) -> None:
    told: list[tuple[str, int, int]] = []
    install(model(source(address)), lambda *progress: told.append(progress))
    (shard,) = published.glob('*.bin')
    size = shard.stat().st_size
    assert (shard.name, size, size) in told
    assert told[-1] == ('stride16-float16.onnx', 4, 4)


def test_a_second_time_finds_everything_there(address: str, published: Path) -> None:
    first = install(model(source(address, published)), ignore)
    nowhere = model(source('http://127.0.0.1:1'))
    told: list[object] = []
    assert install(nowhere, lambda *progress: told.append(progress)) == first
    assert told == []


@pytest.mark.parametrize(('hours', 'stays'), [(23, True), (25, False)])
def test_what_a_killed_download_left_is_removed_after_a_day(
    published: Path, cache: Path, hours: int, stays: bool
) -> None:
    left = cache / 'models' / f'{store.UNFINISHED}abcdefgh'
    (left / 'source0').mkdir(parents=True)
    then = time.time() - hours * 3600
    os.utime(left, (then, then))
    for _ in range(2):  # also when there is nothing else to do
        install(model(source('', published)), ignore, folder=published)
    assert left.exists() == stays


def test_weights_of_unknown_sha256_are_taken_and_marked(address: str) -> None:
    assert not install(model(source(address), verifiable=False), ignore).verified


def test_a_manifest_that_mixes_tensors_up_is_not_verified(published: Path, tmp_path: Path) -> None:
    swapped = tmp_path / 'swapped'
    weights = small_weights()
    forward, backward = (f'MobilenetV1/displacement_{way}_2/weights' for way in ('fwd', 'bwd'))
    weights[forward], weights[backward] = weights[backward], weights[forward]
    publish(weights, swapped)
    assert not install(model(source('')), ignore, folder=swapped).verified


@pytest.mark.parametrize('form', ['uint16', 'uint8'])
def test_quantized_weights_are_read_and_not_taken_for_the_float_ones(
    tmp_path: Path, form: str
) -> None:
    publish(small_weights(), tmp_path / form, form=form)
    assert not install(model(source('')), ignore, folder=tmp_path / form).verified
    assert store.find_graph('mobilenet_v1_075', 8).is_file()


def test_a_download_that_is_cut_short_moves_on_to_the_next_source(
    address: str, tmp_path: Path
) -> None:
    short = tmp_path / 'short'
    publish(small_weights(), short)
    (shard,) = short.glob('*.bin')
    shard.write_bytes(shard.read_bytes()[:-8])
    with serve(short) as first:
        record = install(model(source(first), source(address)), ignore)
    assert record.source == address


def test_a_cache_that_cannot_be_written_is_named(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'file'))
    with pytest.raises(WeightsError, match=f'cannot write the model to {tmp_path}/file'):
        install(model(source('')), ignore, folder=published)


def test_a_model_of_another_releases_format_is_made_anew(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, 'GRAPH_FORMAT', -1)
    install(model(source('')), ignore, folder=published)
    monkeypatch.undo()
    monkeypatch.setenv('POSENET_HOME', str(published.parent / 'cache'))
    record = install(model(source('')), ignore, folder=published)
    assert record.graph_format == store.GRAPH_FORMAT


def test_the_next_source_helps_where_the_first_is_out_of_reach(
    address: str, published: Path
) -> None:
    record = install(model(source('http://127.0.0.1:1'), source(address, published)), ignore)
    assert record.source == address


def test_a_tampered_file_is_refused(address: str, published: Path, cache: Path) -> None:
    genuine = source(address, published)
    (shard,) = published.glob('*.bin')
    shard.write_bytes(shard.read_bytes()[::-1])
    with pytest.raises(DownloadError, match='broken or was tampered with'):
        install(model(genuine), ignore)
    assert is_empty(cache)


def test_where_no_source_helps_each_ones_reason_is_told(address: str, cache: Path) -> None:
    sources = [source('http://127.0.0.1:1'), source(f'{address}/nothing')]
    with pytest.raises(DownloadError, match=r'(?s)127\.0\.0\.1:1.*File not found.*--from DIR'):
        install(model(*sources), ignore)
    assert is_empty(cache)


def test_weights_from_a_folder_need_no_network(published: Path) -> None:
    nowhere = source('http://127.0.0.1:1', published)
    record = install(model(nowhere), ignore, folder=published)
    assert record.verified
    assert record.source == str(published)


def test_a_tampered_file_in_a_folder_is_refused_and_leaves_nothing(
    published: Path, cache: Path
) -> None:
    genuine = source('http://127.0.0.1:1', published)
    (shard,) = published.glob('*.bin')
    shard.write_bytes(b'\0' + shard.read_bytes()[1:])
    with pytest.raises(ChecksumError, match=rf'{shard.name}.*tampered'):
        install(model(genuine), ignore, folder=published)
    assert is_empty(cache)


def test_a_folder_without_the_manifest_is_refused_with_the_name_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r'model-stride16\.json'):
        install(model(source('')), ignore, folder=tmp_path)


def test_a_folder_without_a_weight_file_is_refused_by_its_name(published: Path) -> None:
    (shard,) = published.glob('*.bin')
    shard.unlink()
    with pytest.raises(DownloadError, match=shard.name):
        install(model(source('')), ignore, folder=published)


def test_weights_cut_short_are_refused_and_leave_nothing(published: Path, cache: Path) -> None:
    (shard,) = published.glob('*.bin')
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(WeightsError):
        install(model(source('')), ignore, folder=published)
    assert is_empty(cache)


@pytest.mark.parametrize('name', ['../secret.bin', '/etc/passwd', 'a/b.bin'])
def test_a_manifest_cannot_name_files_outside_its_folder(published: Path, name: str) -> None:
    manifest = published / 'model-stride16.json'
    (shard,) = published.glob('*.bin')
    manifest.write_text(manifest.read_text().replace(shard.name, name))
    with pytest.raises(WeightsError, match='outside its folder'):
        install(model(source('')), ignore, folder=published)


def test_a_broken_model_in_the_cache_is_made_anew(published: Path) -> None:
    genuine = model(source('', published))
    install(genuine, ignore, folder=published)
    graph = store.find_graph('mobilenet_v1_075', 16)
    whole = graph.read_bytes()
    graph.write_bytes(whole[:1000])
    install(genuine, ignore, folder=published)
    assert graph.read_bytes() == whole


def test_only_the_model_is_taken_out_of_an_npm_package(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(tmp_path / 'package.tgz', 'w:gz') as package:
        package.add(published, 'package/models')
        package.add(__file__, 'package/../outside.py')
    pack = f'test "$1 $5" = "pack a@1" && cp {tmp_path}/package.tgz "$4"'
    install_npm(tmp_path / 'bin', pack, monkeypatch)
    record = install(model(source('models', published, npm_package='a@1')), ignore)
    assert record.source == 'npm package a@1'
    assert record.verified


def test_what_npm_complains_of_is_told(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_npm(tmp_path / 'bin', 'echo no such package >&2; exit 1', monkeypatch)
    with pytest.raises(DownloadError, match='npm package a@1: no such package'):
        install(model(source('models', npm_package='a@1')), ignore)
    assert is_empty(cache)


def test_a_machine_without_npm_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(DownloadError, match='npm is not installed'):
        install(model(source('models', npm_package='a@1')), ignore)
