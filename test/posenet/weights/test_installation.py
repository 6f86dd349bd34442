"""From published weights to graphs in the cache."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
import itertools
import json
import os
from pathlib import Path
import resource
import sys
import time

from http_folder import serve
from published import (
    ignore_progress,
    new_model,
    new_source,
    publish,
    small_weights,
    UNREACHABLE,
)
import pytest

from posenet_ros.errors import (
    ChecksumError,
    DownloadError,
    MissingDependencyError,
    WeightsError,
)
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT
from posenet_ros.posenet.weights.installation import install_model
from posenet_ros.posenet.weights.mobilenet_layers import sort_into_layers, weights_sha256
from posenet_ros.posenet.weights.tfjs_manifest import read_tensors


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
def url(published: Path) -> Iterator[str]:
    """Serve the published weights and return their URL."""
    with serve(published) as url:
        yield url


def is_empty(cache: Path) -> bool:
    """Return whether the cache holds neither a model nor a temporary folder."""
    return not list((cache / 'models').iterdir())


def test_weights_from_a_url_become_a_graph_for_each_output_stride_and_precision(
    url: str, published: Path
) -> None:
    record = install_model(new_model(new_source(url, published=published)), ignore_progress)
    assert record.source == url
    assert record.verified
    for output_stride, precision in itertools.product((8, 16), ('float32', 'float16')):
        path = store.find_graph('mobilenet_v1_075', output_stride, precision)
        session = onnxruntime.InferenceSession(str(path))
        assert session.get_modelmeta().custom_metadata_map == {
            'model': 'mobilenet_v1_075',
            'output_stride': str(output_stride),
            'graph_format': str(GRAPH_FORMAT),
        }


def test_progress_is_reported_in_bytes_and_graphs(url: str, published: Path) -> None:
    reported: list[tuple[str, int, int]] = []
    install_model(new_model(new_source(url)), lambda *progress: reported.append(progress))
    (shard,) = published.glob('*.bin')
    size = shard.stat().st_size
    assert (shard.name, size, size) in reported
    assert reported[-1] == ('stride16-float16.onnx', 4, 4)


def test_a_complete_model_is_not_installed_again(url: str, published: Path) -> None:
    first = install_model(new_model(new_source(url, published=published)), ignore_progress)
    reported: list[object] = []
    again = install_model(
        new_model(new_source(UNREACHABLE)), lambda *progress: reported.append(progress)
    )
    assert again == first
    assert reported == []


@pytest.mark.parametrize(('hours', 'stays'), [(23, True), (25, False)])
def test_the_temporary_folder_of_a_killed_command_is_removed_after_a_day(
    published: Path, cache: Path, hours: int, stays: bool
) -> None:
    left = cache / 'models' / f'{store.TEMPORARY_PREFIX}abcdefgh'
    (left / 'source0').mkdir(parents=True)
    then = time.time() - hours * 3600
    os.utime(left, (then, then))
    for _ in range(2):  # also if there is nothing to install
        install_model(
            new_model(new_source(published=published)), ignore_progress, folder=published
        )
    assert left.exists() == stays


def test_weights_of_unknown_sha256_are_installed_as_not_verified(url: str) -> None:
    model = new_model(new_source(url), verifiable=False)
    assert not install_model(model, ignore_progress).verified


def test_a_manifest_that_swaps_tensors_is_rejected(tmp_path: Path, cache: Path) -> None:
    swapped = tmp_path / 'swapped'
    weights = small_weights()
    forward, backward = (f'MobilenetV1/displacement_{way}_2/weights' for way in ('fwd', 'bwd'))
    weights[forward], weights[backward] = weights[backward], weights[forward]
    publish(weights, swapped)
    with pytest.raises(ChecksumError, match='not those published for mobilenet_v1_075'):
        install_model(new_model(new_source()), ignore_progress, folder=swapped)
    assert is_empty(cache)


def change_manifest(folder: Path, key: str, value: object) -> None:
    """Change a field of the quantization of the first tensor in a published manifest."""
    manifest = folder / 'model-stride16.json'
    content = json.loads(manifest.read_text())
    content['weightsManifest'][0]['weights'][0]['quantization'][key] = value
    manifest.write_text(json.dumps(content))


@pytest.mark.parametrize(('key', 'factor'), [('scale', 1.001), ('min', 0.999)])
def test_a_manifest_that_changes_the_quantization_is_rejected(
    tmp_path: Path, cache: Path, key: str, factor: float
) -> None:
    """The weight files are unchanged, and the values are finite."""
    publish(small_weights(), tmp_path / 'quantized', form='uint16')
    genuine = read_tensors(tmp_path / 'quantized' / 'model-stride16.json')
    known = weights_sha256(sort_into_layers(genuine, 75))
    model = replace(new_model(new_source()), weights_sha256=known)
    quantization = json.loads((tmp_path / 'quantized' / 'model-stride16.json').read_text())[
        'weightsManifest'
    ][0]['weights'][0]['quantization']
    change_manifest(tmp_path / 'quantized', key, quantization[key] * factor)
    with pytest.raises(ChecksumError, match='not those published'):
        install_model(model, ignore_progress, folder=tmp_path / 'quantized')
    assert is_empty(cache)


@pytest.mark.parametrize('value', [float('nan'), float('inf'), 1e308])
@pytest.mark.parametrize('verifiable', [True, False])
def test_weights_that_are_not_finite_are_always_rejected(
    tmp_path: Path, cache: Path, value: float, verifiable: bool
) -> None:
    publish(small_weights(), tmp_path / 'quantized', form='uint16')
    change_manifest(tmp_path / 'quantized', 'scale', value)
    model = new_model(new_source(), verifiable=verifiable)
    with pytest.raises(WeightsError, match='finite'):
        install_model(model, ignore_progress, folder=tmp_path / 'quantized')
    assert is_empty(cache)


@pytest.mark.parametrize('form', ['uint16', 'uint8'])
def test_quantized_weights_are_installed_but_not_as_the_float32_ones(
    tmp_path: Path, form: str
) -> None:
    folder = tmp_path / form
    publish(small_weights(), folder, form=form)
    with pytest.raises(ChecksumError, match='sha256'):
        install_model(new_model(new_source()), ignore_progress, folder=folder)
    model = new_model(new_source(), verifiable=False)
    assert not install_model(model, ignore_progress, folder=folder).verified
    assert store.find_graph('mobilenet_v1_075', 8).is_file()


def test_a_model_that_was_not_verified_is_built_again_when_its_sha256_is_known(
    published: Path,
) -> None:
    model = new_model(new_source(), verifiable=False)
    assert not install_model(model, ignore_progress, folder=published).verified
    assert install_model(new_model(new_source()), ignore_progress, folder=published).verified


def test_a_truncated_download_moves_on_to_the_next_source(url: str, tmp_path: Path) -> None:
    short = tmp_path / 'short'
    publish(small_weights(), short)
    (shard,) = short.glob('*.bin')
    shard.write_bytes(shard.read_bytes()[:-8])
    with serve(short) as first:
        record = install_model(new_model(new_source(first), new_source(url)), ignore_progress)
    assert record.source == url


def test_an_unreachable_source_moves_on_to_the_next_one(url: str, published: Path) -> None:
    sources = new_source(UNREACHABLE), new_source(url, published=published)
    assert install_model(new_model(*sources), ignore_progress).source == url


def test_a_cache_that_cannot_be_written_is_named(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / 'file').write_text('')
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'file'))
    with pytest.raises(WeightsError, match=f'cannot write the model to {tmp_path}/file'):
        install_model(new_model(new_source()), ignore_progress, folder=published)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Make writing to a file fail at this size, as on a full disk but without being root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize('size', [100, 10_000, 20_000])
@pytest.mark.parametrize('from_folder', [True, False])
def test_a_disk_that_fills_up_is_named_and_nothing_is_left(
    published: Path, url: str, cache: Path, size: int, from_folder: bool
) -> None:
    """The manifest, the weights and the graphs have more than 5, 15 and 20 KB."""
    model = new_model(new_source(url), new_source(UNREACHABLE))
    (cache / 'models').mkdir(parents=True)
    with (
        file_size_limit(size),
        pytest.raises(
            WeightsError,
            match=r'cannot write .*File too large\S*; make space and allow writing there',
        ),
    ):
        install_model(model, ignore_progress, folder=published if from_folder else None)
    assert is_empty(cache)


def test_a_disk_that_fills_up_keeps_a_model_of_another_release(
    published: Path, cache: Path
) -> None:
    install_model(new_model(new_source()), ignore_progress, folder=published)
    file = cache / 'models' / 'mobilenet_v1_075' / 'model.json'
    file.write_text(json.dumps({**json.loads(file.read_text()), 'graph_format': -1}))
    with file_size_limit(10_000), pytest.raises(WeightsError, match='make space'):
        install_model(new_model(new_source()), ignore_progress, folder=published)
    assert '"graph_format": -1' in file.read_text()
    assert len(list((cache / 'models').iterdir())) == 1


def test_a_model_with_the_format_of_another_release_is_built_again(
    published: Path, cache: Path
) -> None:
    install_model(new_model(new_source()), ignore_progress, folder=published)
    file = cache / 'models' / 'mobilenet_v1_075' / 'model.json'
    file.write_text(json.dumps({**json.loads(file.read_text()), 'graph_format': -1}))
    record = install_model(new_model(new_source()), ignore_progress, folder=published)
    assert record.graph_format == GRAPH_FORMAT


def test_a_tampered_file_from_a_server_is_rejected_and_leaves_nothing(
    url: str, published: Path, cache: Path
) -> None:
    genuine = new_source(url, published=published)
    (shard,) = published.glob('*.bin')
    shard.write_bytes(shard.read_bytes()[::-1])
    with pytest.raises(DownloadError, match='broken or was tampered with'):
        install_model(new_model(genuine), ignore_progress)
    assert is_empty(cache)


def test_if_every_source_fails_the_error_lists_each_reason(url: str, cache: Path) -> None:
    sources = [new_source(UNREACHABLE), new_source(f'{url}/nothing')]
    with pytest.raises(DownloadError, match=r'(?s)127\.0\.0\.1:1.*File not found.*--from DIR'):
        install_model(new_model(*sources), ignore_progress)
    assert is_empty(cache)


def test_weights_from_a_folder_need_no_network(published: Path) -> None:
    source = new_source(UNREACHABLE, published=published)
    record = install_model(new_model(source), ignore_progress, folder=published)
    assert record.verified
    assert record.source == str(published)


def test_a_tampered_file_in_a_folder_is_rejected_and_leaves_nothing(
    published: Path, cache: Path
) -> None:
    genuine = new_source(UNREACHABLE, published=published)
    (shard,) = published.glob('*.bin')
    shard.write_bytes(b'\0' + shard.read_bytes()[1:])
    with pytest.raises(ChecksumError, match=rf'{shard.name}.*tampered'):
        install_model(new_model(genuine), ignore_progress, folder=published)
    assert is_empty(cache)


def test_a_folder_without_the_manifest_is_rejected_with_the_name_of_the_missing_file(
    tmp_path: Path,
) -> None:
    with pytest.raises(DownloadError, match=r'model-stride16\.json'):
        install_model(new_model(new_source()), ignore_progress, folder=tmp_path)


def test_truncated_weights_are_rejected_and_leave_nothing(published: Path, cache: Path) -> None:
    (shard,) = published.glob('*.bin')
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(WeightsError):
        install_model(new_model(new_source()), ignore_progress, folder=published)
    assert is_empty(cache)


def test_a_broken_model_in_the_cache_is_built_again(published: Path) -> None:
    genuine = new_model(new_source(published=published))
    install_model(genuine, ignore_progress, folder=published)
    graph = store.find_graph('mobilenet_v1_075', 16)
    complete = graph.read_bytes()
    graph.write_bytes(complete[:1000])
    install_model(genuine, ignore_progress, folder=published)
    assert graph.read_bytes() == complete


def test_without_onnx_the_error_says_how_to_install_it(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, 'onnx', None)
    with pytest.raises(MissingDependencyError, match='pip install onnx'):
        install_model(new_model(new_source()), ignore_progress, folder=published)
