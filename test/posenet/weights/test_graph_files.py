import pytest

from posenet_ros.posenet.weights.catalogue import MODELS
from posenet_ros.posenet.weights.graph_files import (
    command_to_build,
    downloaded_graph_files,
    graph_file,
)


@pytest.mark.parametrize(
    ('precision', 'file'),
    [
        ('float32', 'stride8.onnx'),
        ('bfloat16', 'stride8.onnx'),
        ('float16', 'stride8-float16.onnx'),
        ('int8', 'stride8-int8.onnx'),
    ],
)
def test_each_precision_has_a_graph_and_bfloat16_uses_the_float32_one(
    precision: str, file: str
) -> None:
    assert graph_file(8, precision) == file


def test_a_download_builds_float32_and_float16_for_each_output_stride() -> None:
    assert downloaded_graph_files(MODELS['mobilenet_v1_075']) == [
        'stride8.onnx',
        'stride8-float16.onnx',
        'stride16.onnx',
        'stride16-float16.onnx',
    ]


@pytest.mark.parametrize(
    ('precision', 'command'),
    [('float32', 'download'), ('float16', 'download'), ('int8', 'quantize')],
)
def test_the_command_to_build_a_graph_depends_on_its_precision(
    precision: str, command: str
) -> None:
    assert command_to_build('a', precision) == f'posenet {command} a'
