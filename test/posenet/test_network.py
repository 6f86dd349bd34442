from pathlib import Path

from machines import Machine, Start
import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper, TensorProto
import pytest

from posenet_ros.errors import ImageError, ModelLoadError, NetworkError
from posenet_ros.estimation.pose_network import PoseNetwork
from posenet_ros.framing.framing import Framing, Window
from posenet_ros.framing.whole_image import frame_whole_image, stretched
from posenet_ros.inference.graph import Feed
from posenet_ros.inference.graph_runs import Outputs
from posenet_ros.inference.runtime import Runtime
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import new_session, Providers, Session
from posenet_ros.posenet.decoding.decoding_method import decode_poses
from posenet_ros.posenet.heads import CHANNELS, Heads
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT
from posenet_ros.settings import PoseSettings

Image = NDArray[np.uint8]


def blank(height: int, width: int) -> Image:
    return np.zeros((height, width, 3), np.uint8)


def test_posenet_is_a_pose_network(network_075: PoseNet) -> None:
    network: PoseNetwork[Heads] = network_075  # for the type checker
    assert network.model == 'mobilenet_v1_075'


@pytest.mark.parametrize(('height', 'width'), [(257, 257), (33, 65), (1, 1)])
def test_the_grid_has_a_cell_at_every_stride_and_both_ends(
    network_075: PoseNet, height: int, width: int
) -> None:
    (heads,) = network_075.infer([blank(100, 200)], [stretched((100, 200), (height, width))])
    assert heads.grid == ((height - 1) // 16 + 1, (width - 1) // 16 + 1)


def test_heatmap_scores_are_probabilities(network_075: PoseNet) -> None:
    image = np.random.default_rng(0).integers(0, 256, (300, 200, 3), np.uint8)
    (heads,) = network_075.infer([image], [stretched((300, 200), (257, 257))])
    assert heads.heatmap_scores.min() >= 0
    assert heads.heatmap_scores.max() <= 1


def test_the_graph_contains_the_name_of_its_model_and_its_stride(
    network_075: PoseNet, graph_file: Path
) -> None:
    assert (network_075.model, network_075.output_stride) == ('mobilenet_v1_075', 16)
    assert network_075.output_strides == (8, 16)
    assert network_075.graph == graph_file


@pytest.mark.parametrize('settings', [PoseSettings(), PoseSettings(input_size='257x353')])
def test_an_image_is_framed_for_the_output_stride(
    network_075: PoseNet, settings: PoseSettings
) -> None:
    assert network_075.frame((480, 640), settings) == frame_whole_image((480, 640), settings, 16)


def test_a_letterboxed_image_gives_the_heads_of_the_padded_image(
    network_075: PoseNet, astronaut: Image
) -> None:
    top = astronaut[:100]
    framing = Framing((100, 512), (33, 97), Window(-30, 0, 160, 512))
    padded = np.concatenate([blank(30, 512), top, blank(30, 512)])
    (heads,) = network_075.infer([top], [framing])
    (expected,) = network_075.infer([padded], [stretched((160, 512), (33, 97))])
    np.testing.assert_allclose(heads.heatmap_scores, expected.heatmap_scores, atol=1e-5)


@pytest.mark.parametrize('method', ['multi_person', 'single_person'])
def test_heads_are_decoded_by_the_settings(
    network_075: PoseNet, astronaut: Image, method: str
) -> None:
    settings = PoseSettings(decoding_method=method)
    (heads,) = network_075.infer([astronaut], [network_075.frame((512, 512), settings)])
    (pose,), (expected,) = network_075.decode(heads, settings), decode_poses(heads, settings)
    np.testing.assert_array_equal(pose.keypoints, expected.keypoints)


@pytest.mark.parametrize('execution_provider', ['cpu', 'cuda'])
def test_heads_stay_valid_when_the_next_images_are_inferred(
    start: Start, images: list[Image], execution_provider: str
) -> None:
    network, _ = start(execution_provider=execution_provider)
    framings = [stretched((40, 60), (65, 97))]
    (heads,) = network.infer(images[:1], framings)
    before = [getattr(heads, name).copy() for name in CHANNELS]
    (others,) = network.infer(images[1:], framings)
    for name, values in zip(CHANNELS, before, strict=True):
        np.testing.assert_array_equal(getattr(heads, name), values)
        assert (getattr(others, name) != values).any()


@pytest.mark.parametrize(
    ('execution_provider', 'lengths'), [('cpu', [1, 2, 3, 5]), ('cuda', [1, 2, 4, 8])]
)
def test_on_a_gpu_the_length_of_a_batch_is_a_power_of_two(
    start: Start,
    images: list[Image],
    execution_provider: str,
    lengths: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, _ = start(execution_provider=execution_provider)
    feeds: list[Feed] = []
    run = Runtime.run

    def record(self: Runtime, feed: Feed) -> Outputs:
        feeds.append(feed)
        return run(self, feed)

    monkeypatch.setattr(Runtime, 'run', record)
    for count in (1, 2, 3, 5):
        batch = [images[number % 2] for number in range(count)]
        heads = network.infer(batch, [stretched((40, 60), (33, 49))] * count)
        assert len(heads) == count
        np.testing.assert_array_equal(heads[-1].offsets, heads[(count - 1) % 2].offsets)
    assert [len(feed.inputs['top_left']) for feed in feeds] == lengths


@pytest.mark.parametrize('threads', [1, 3])
def test_the_session_has_the_number_of_threads_that_is_set(graph_file: Path, threads: int) -> None:
    made: list[Session] = []

    def make(graph: Path, providers: Providers, threads: int) -> Session:
        made.append(new_session(graph, providers, threads))
        return made[-1]

    settings = RuntimeSettings(execution_provider='cpu', intra_op_num_threads=threads)
    PoseNet(graph_file, settings, factory=make)
    (session,) = made
    assert session.get_session_options().intra_op_num_threads == threads


def test_a_side_that_is_not_valid_is_refused(network_075: PoseNet) -> None:
    with pytest.raises(NetworkError, match='256'):
        network_075.infer([blank(256, 257)], [stretched((256, 257), (256, 257))])


def test_an_image_whose_size_differs_from_the_framing_is_refused(network_075: PoseNet) -> None:
    with pytest.raises(ImageError, match='65'):
        network_075.infer([blank(64, 65)], [stretched((64, 64), (33, 33))])


@pytest.mark.parametrize('content', [b'', b'not a graph'])
def test_a_file_that_is_not_a_graph_is_refused_with_the_remedy(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / 'mobilenet_v1_075' / 'stride16.onnx'
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ModelLoadError, match=rf'{path}.*(?s:.)*posenet download mobilenet_v1_075'):
        PoseNet(path)


def test_a_graph_that_is_not_ours_is_refused_with_the_remedy(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info('x', TensorProto.FLOAT, [1])
    other = helper.make_tensor_value_info('y', TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node('Abs', ['x'], ['y'])], 'g', [value], [other])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    path = tmp_path / 'mobilenet_v1_075' / 'stride16.onnx'
    path.parent.mkdir()
    onnx.save(model, path)
    with pytest.raises(
        ModelLoadError, match=r'not a graph of this release.*\n.*posenet download mo'
    ):
        PoseNet(path)


def test_an_interrupt_affects_only_the_run_in_progress(network_075: PoseNet) -> None:
    network_075.interrupt()
    network_075.infer([blank(33, 33)], [stretched((33, 33), (33, 33))])


def test_the_engine_folder_is_named_after_model_graph_format_and_expected_input(
    start: Start, machine: Machine, tmp_path: Path
) -> None:
    start(execution_provider='tensorrt')
    options = dict(machine.requested[-1])['TensorrtExecutionProvider']
    folder = Path(options['trt_engine_cache_path'])
    assert folder.parent == tmp_path / 'engines'
    graph = f'mobilenet_v1_075-stride16-format{GRAPH_FORMAT}'
    assert folder.name.startswith(f'{graph}-257x257-device0-Test_GPU-cuda13.0-')
