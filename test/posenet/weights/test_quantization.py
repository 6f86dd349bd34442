"""
The int8 graphs that `posenet quantize` makes.

Those of the default model are made once, from the user's cache, in a cache of the tests' own.
"""

from pathlib import Path
import shutil

from golden import CASES_WITH_PICTURE
from networks import load
import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import numpy_helper
import pytest

from posenet_ros.errors import ModelLoadError, ModelNotFoundError, SettingError, WeightsError
from posenet_ros.estimation.agreement import compare
from posenet_ros.framing.framing import Framing
from posenet_ros.image_files import read_image
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import MODELS
from posenet_ros.posenet.weights.mobilenet import FLOAT_LAYERS
from posenet_ros.posenet.weights.quantization import CALIBRATION_PICTURE, install_quantized
from posenet_ros.posenet.weights.quantized_graph import mean_error, round_kernel

MODEL = MODELS['mobilenet_v1_075']
INPUT_SIZES = ('257x257', '353x481', '481x641')


@pytest.fixture(scope='module')
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache with the default model and its int8 graph of output stride 16."""
    load(MODEL.name, 16)
    source = store.models_folder() / MODEL.name
    home = tmp_path_factory.mktemp('home')
    shutil.copytree(source, home / 'models' / MODEL.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('POSENET_HOME', str(home))
        install_quantized(MODEL, [16], [read_image(CALIBRATION_PICTURE)])
    return home


@pytest.fixture
def cache(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that cache for one test, which is the one in use."""
    shutil.copytree(made, tmp_path / 'home')
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'home'))
    return tmp_path / 'home' / 'models' / MODEL.name


def grey() -> NDArray[np.uint8]:
    return np.full((40, 30, 3), 128, np.uint8)


def leftovers(cache: Path) -> list[str]:
    return [path.name for path in cache.parent.iterdir() if path != cache]


def test_int8_agrees_with_float32_on_pictures_of_people(cache: Path) -> None:
    reference, quantized = (PoseNet(store.find_graph(MODEL.name, 16, p)) for p in _PRECISIONS)
    pictures = {case.figures['image']: case for case in CASES_WITH_PICTURE.values()}
    found = compare(
        reference, quantized, [case.picture() for case in pictures.values()], INPUT_SIZES
    )
    assert found.distances.size >= 35
    assert found.share_within(4.0) >= 0.9
    assert found.median <= 0.75


_PRECISIONS = ('float32', 'int8')


def test_a_network_agrees_with_itself_entirely(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    assert not compare(network_075, network_075, [astronaut], INPUT_SIZES).distances.any()


def test_without_the_correction_of_biases_heads_are_further_from_float32(cache: Path) -> None:
    from posenet_ros.posenet.weights.quantization import channel_means
    from posenet_ros.posenet.weights.quantized_graph import quantize

    model = onnx.load(store.find_graph(MODEL.name, 16))
    picture = read_image(CALIBRATION_PICTURE)
    means = channel_means(model, [picture])
    without = {name: np.zeros_like(mean) for name, mean in means.items()}
    onnx.save(quantize(model, without), cache / 'uncorrected.onnx')
    graphs = [store.find_graph(MODEL.name, 16, p) for p in _PRECISIONS]
    framing = Framing((picture.shape[0], picture.shape[1]), (257, 257))
    reference, corrected, uncorrected = (
        PoseNet(graph).infer([picture], framing)[0].offsets
        for graph in [*graphs, cache / 'uncorrected.onnx']
    )
    assert _mean_distance(corrected, reference) < 0.7 * _mean_distance(uncorrected, reference)


def _mean_distance(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(np.abs(first - second).mean())


def test_inputs_heads_and_metadata_are_those_of_the_float_graph(cache: Path) -> None:
    plain, quantized = (onnx.load(store.find_graph(MODEL.name, 16, p)) for p in _PRECISIONS)
    assert list(quantized.graph.input) == list(plain.graph.input)
    assert list(quantized.graph.output) == list(plain.graph.output)
    assert list(quantized.metadata_props) == list(plain.metadata_props)


def test_weights_are_int8_but_for_those_of_the_first_layers_and_the_heads(cache: Path) -> None:
    graph = onnx.load(store.find_graph(MODEL.name, 16, 'int8')).graph
    floats = {t.name for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT}
    kernels = {name.removesuffix('/kernel') for name in floats if name.endswith('/kernel')}
    assert kernels == {*FLOAT_LAYERS, 'heatmap_2', 'offset_2', 'displacement_fwd_2',
                       'displacement_bwd_2'}  # fmt: skip
    rounded = [t for t in graph.initializer if t.name.endswith('/kernel/rounded')]
    assert {numpy_helper.to_array(tensor).dtype for tensor in rounded} == {np.dtype(np.int8)}
    assert len(rounded) == 27 - len(FLOAT_LAYERS)


def test_any_image_size_and_number_of_images_runs(cache: Path) -> None:
    network = PoseNet(store.find_graph(MODEL.name, 16, 'int8'))
    heads = network.infer([grey(), grey()], Framing((40, 30), (33, 49)))
    assert [getattr(heads[1], name).shape for name in CHANNELS] == [
        (channels, 3, 4) for channels in CHANNELS.values()
    ]


def test_the_record_has_the_new_graph_and_all_that_it_had(cache: Path, made: Path) -> None:
    record = store.read_record(MODEL)
    assert record is not None
    assert set(record.graphs) == {*store.downloaded_files(MODEL), 'stride16-int8.onnx'}
    assert record.graphs['stride16-int8.onnx'] == store.sha256(cache / 'stride16-int8.onnx')
    assert record.verified
    install_quantized(MODEL, [8], [grey()])
    again = store.read_record(MODEL)
    assert again is not None
    assert again.graphs.items() > record.graphs.items()


def test_the_same_pictures_make_the_same_graph(cache: Path) -> None:
    before = store.sha256(cache / 'stride16-int8.onnx')
    install_quantized(MODEL, [16], [read_image(CALIBRATION_PICTURE)])
    assert store.sha256(cache / 'stride16-int8.onnx') == before
    install_quantized(MODEL, [16], [grey()])
    assert store.sha256(cache / 'stride16-int8.onnx') != before


def test_an_int8_graph_that_was_changed_is_noticed(cache: Path) -> None:
    (cache / 'stride16-int8.onnx').write_bytes(b'graph')
    with pytest.raises(ModelLoadError, match=r'stride16-int8\.onnx'):
        store.find_graph(MODEL.name, 16, 'int8')


def test_an_int8_graph_that_was_not_made_names_the_command_that_makes_it(cache: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=f'posenet quantize {MODEL.name}'):
        store.find_graph(MODEL.name, 8, 'int8')


def test_a_model_that_is_not_there_names_the_command_that_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    with pytest.raises(ModelNotFoundError, match=f'posenet download {MODEL.name}'):
        install_quantized(MODEL, [16], [grey()])


def test_an_output_stride_that_the_model_does_not_have_is_refused(cache: Path) -> None:
    with pytest.raises(SettingError, match='32; it has 8, 16'):
        install_quantized(MODEL, [16, 32], [grey()])


def test_what_fails_half_way_leaves_the_cache_as_it_was(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: store.sha256(path) for path in cache.iterdir()}

    save = onnx.save

    def save_until_full(graph: onnx.ModelProto, path: Path) -> None:
        if path.name == 'stride16-int8.onnx':
            raise OSError('no space left')
        save(graph, path)

    monkeypatch.setattr(onnx, 'save', save_until_full)
    with pytest.raises(WeightsError, match='no space left'):
        install_quantized(MODEL, [8, 16], [grey()])
    assert {path.name: store.sha256(path) for path in cache.iterdir()} == before
    assert leftovers(cache) == []


def test_a_model_stays_whole_when_its_graphs_cannot_be_replaced(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / 'stride8-int8.onnx').mkdir()  # which no file can replace
    with pytest.raises(WeightsError, match='cannot write the int8 graphs'):
        install_quantized(MODEL, [8, 16], [grey()])
    assert store.find_graph(MODEL.name, 16).is_file()
    with pytest.raises(ModelNotFoundError, match='posenet quantize'):
        store.find_graph(MODEL.name, 8, 'int8')
    assert leftovers(cache) == []


def test_nothing_is_left_over(cache: Path) -> None:
    install_quantized(MODEL, [16], [grey()])
    assert leftovers(cache) == []


def test_a_kernel_is_rounded_by_at_most_half_a_step_of_its_channel() -> None:
    kernel = np.asarray(np.random.default_rng(0).normal(0, 1, (4, 3, 2, 2)), np.float32)
    kernel[1] *= 100
    rounded, steps = round_kernel(kernel, np.zeros(4, np.float32))
    error = np.abs(rounded * steps[:, np.newaxis, np.newaxis, np.newaxis] - kernel)
    assert (error.max(axis=(1, 2, 3)) <= 0.501 * steps).all()
    assert steps[1] > 20 * steps[0]


def test_a_channel_without_weights_keeps_its_bias_within_32_bits() -> None:
    bias = np.array([3.0, 0.0], np.float32)
    rounded, steps = round_kernel(np.zeros((2, 3, 1, 1), np.float32), bias)
    assert not rounded.any()
    assert (steps > 0).all()
    assert np.abs(bias / (steps * np.float32(6 / 255))).max() < 2**31


@pytest.mark.parametrize('depthwise', [True, False])
def test_the_mean_error_is_what_a_constant_input_shows(depthwise: bool) -> None:
    random = np.random.default_rng(0)
    error = np.asarray(random.normal(0, 1, (3, 1 if depthwise else 3, 2, 2)), np.float32)
    means = np.array([1.0, 2.0, 3.0], np.float32)
    expected = [
        sum(
            error[o, 0 if depthwise else i].sum() * means[i]
            for i in ([o] if depthwise else [0, 1, 2])
        )
        for o in range(3)
    ]
    assert mean_error(error, means) == pytest.approx(expected, rel=1e-5)
