"""
Building int8 graphs in the cache.

The int8 graph of the default model is built once, in a temporary copy of the user's cache.
"""

from pathlib import Path
import shutil

from golden import CASES_WITH_PICTURE
from networks import load
import numpy as np
from numpy.typing import NDArray
import onnx
import pytest

from posenet_ros.errors import ModelLoadError, ModelNotFoundError, SettingError, WeightsError
from posenet_ros.estimation.agreement import compare
from posenet_ros.framing.whole_image import stretched
from posenet_ros.image_files import read_image
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import MODELS
from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.graph_files import downloaded_graph_files
from posenet_ros.posenet.weights.quantization import (
    CALIBRATION_PICTURE,
    channel_means,
    install_int8_graphs,
)
from posenet_ros.posenet.weights.quantized_graph import quantize_graph

MODEL = MODELS['mobilenet_v1_075']
INPUT_SIZES = ('257x257', '353x481', '481x641')
PRECISIONS = ('float32', 'int8')


@pytest.fixture(scope='module')
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache with the default model and its int8 graph for output stride 16."""
    load(MODEL.name, 16)
    source = store.models_folder() / MODEL.name
    home = tmp_path_factory.mktemp('home')
    shutil.copytree(source, home / 'models' / MODEL.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('POSENET_HOME', str(home))
        install_int8_graphs(MODEL, [16], [read_image(CALIBRATION_PICTURE)])
    return home


@pytest.fixture
def cache(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a copy of that cache, and return the folder of the default model in it."""
    shutil.copytree(prepared, tmp_path / 'home')
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'home'))
    return tmp_path / 'home' / 'models' / MODEL.name


def grey() -> NDArray[np.uint8]:
    return np.full((40, 30, 3), 128, np.uint8)


def leftovers(cache: Path) -> list[str]:
    return [path.name for path in cache.parent.iterdir() if path != cache]


def test_int8_agrees_with_float32_on_pictures_of_people(cache: Path) -> None:
    reference, quantized = (PoseNet(store.find_graph(MODEL.name, 16, p)) for p in PRECISIONS)
    pictures = {case.figures['image']: case for case in CASES_WITH_PICTURE.values()}
    found = compare(
        reference, quantized, [case.picture() for case in pictures.values()], INPUT_SIZES
    )
    assert found.distances.size >= 35
    assert found.share_within(4.0) >= 0.9
    assert found.median <= 0.75


def test_a_network_agrees_with_itself_exactly(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    assert not compare(network_075, network_075, [astronaut], INPUT_SIZES).distances.any()


def test_without_the_correction_of_biases_heads_are_farther_from_float32(cache: Path) -> None:
    model = onnx.load(store.find_graph(MODEL.name, 16))
    picture = read_image(CALIBRATION_PICTURE)
    means = channel_means(model, [picture])
    without = {name: np.zeros_like(mean) for name, mean in means.items()}
    onnx.save(quantize_graph(model, without), cache / 'uncorrected.onnx')
    graphs = [store.find_graph(MODEL.name, 16, p) for p in PRECISIONS]
    framing = stretched((picture.shape[0], picture.shape[1]), (257, 257))
    reference, corrected, uncorrected = (
        PoseNet(graph).infer([picture], [framing])[0].offsets
        for graph in [*graphs, cache / 'uncorrected.onnx']
    )
    assert mean_distance(corrected, reference) < 0.7 * mean_distance(uncorrected, reference)


def mean_distance(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(np.abs(first - second).mean())


def test_the_record_lists_the_new_graph_and_all_older_ones(cache: Path) -> None:
    record = store.find_record(MODEL)
    assert record is not None
    assert set(record.graphs) == {*downloaded_graph_files(MODEL), 'stride16-int8.onnx'}
    assert record.graphs['stride16-int8.onnx'] == sha256(cache / 'stride16-int8.onnx')
    assert record.verified
    install_int8_graphs(MODEL, [8], [grey()])
    again = store.find_record(MODEL)
    assert again is not None
    assert again.graphs.items() > record.graphs.items()


def test_the_same_pictures_give_the_same_graph(cache: Path) -> None:
    before = sha256(cache / 'stride16-int8.onnx')
    install_int8_graphs(MODEL, [16], [read_image(CALIBRATION_PICTURE)])
    assert sha256(cache / 'stride16-int8.onnx') == before
    install_int8_graphs(MODEL, [16], [grey()])
    assert sha256(cache / 'stride16-int8.onnx') != before


def test_a_changed_int8_graph_is_detected(cache: Path) -> None:
    (cache / 'stride16-int8.onnx').write_bytes(b'graph')
    with pytest.raises(ModelLoadError, match=r'stride16-int8\.onnx'):
        store.find_graph(MODEL.name, 16, 'int8')


def test_a_missing_int8_graph_names_the_command_that_builds_it(cache: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=f'posenet quantize {MODEL.name}'):
        store.find_graph(MODEL.name, 8, 'int8')


def test_a_missing_model_names_the_command_that_downloads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    with pytest.raises(ModelNotFoundError, match=f'posenet download {MODEL.name}'):
        install_int8_graphs(MODEL, [16], [grey()])


def test_an_unsupported_output_stride_is_refused(cache: Path) -> None:
    with pytest.raises(SettingError, match='32; it has 8, 16'):
        install_int8_graphs(MODEL, [16, 32], [grey()])


def test_a_failure_half_way_leaves_the_cache_unchanged(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: sha256(path) for path in cache.iterdir()}

    save = onnx.save

    def save_until_full(graph: onnx.ModelProto, path: Path) -> None:
        if path.name == 'stride16-int8.onnx':
            raise OSError('no space left')
        save(graph, path)

    monkeypatch.setattr(onnx, 'save', save_until_full)
    with pytest.raises(WeightsError, match='no space left'):
        install_int8_graphs(MODEL, [8, 16], [grey()])
    assert {path.name: sha256(path) for path in cache.iterdir()} == before
    assert leftovers(cache) == []


def test_a_model_stays_complete_when_its_graphs_cannot_be_replaced(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / 'stride8-int8.onnx').mkdir()  # a file cannot replace a folder
    with pytest.raises(WeightsError, match='cannot write the int8 graphs'):
        install_int8_graphs(MODEL, [8, 16], [grey()])
    assert store.find_graph(MODEL.name, 16).is_file()
    with pytest.raises(ModelNotFoundError, match='posenet quantize'):
        store.find_graph(MODEL.name, 8, 'int8')
    assert leftovers(cache) == []


def test_no_temporary_folder_is_left(cache: Path) -> None:
    install_int8_graphs(MODEL, [16], [grey()])
    assert leftovers(cache) == []
