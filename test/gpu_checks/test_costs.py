"""What the nodes of a graph cost, against a case computed by hand."""

from gpu_checks.speed.costs import Cost, fused_costs, graph_costs
from gpu_checks.speed.onnx_graphs import FLOAT16, FLOAT32, Node, OnnxGraph, read_graph, Tensor
import pytest

from posenet_ros.posenet.network import PoseNet

DENSE = {'strides': (2, 2), 'dilations': (1, 1), 'pads': (1, 1, 1, 1)}
WIDE = {'strides': (1, 1), 'dilations': (2, 2), 'pads': (2, 2, 2, 2)}

# Two images of 5x7 pixels: to float32, channels first, a 3x3 convolution with stride 2 to 4
# channels, a cast to float16, a depthwise convolution with dilation 2, and a limit.
GRAPH = OnnxGraph(
    nodes=(
        Node('Cast', ('top_left',), ('values',), {'to': (FLOAT32,)}),
        Node('Mul', ('values', 'row_fractions'), ('blended',), {}),
        Node('Transpose', ('blended',), ('first',), {'perm': (0, 3, 1, 2)}),
        Node('Conv', ('first', 'kernel', 'bias'), ('dense',), DENSE),
        Node('Cast', ('dense',), ('halves',), {'to': (FLOAT16,)}),
        Node('Conv', ('halves', 'depthwise'), ('wide',), WIDE),
        Node('Clip', ('wide', 'zero', 'six'), ('limited',), {}),
    ),
    constants={
        'kernel': Tensor(FLOAT32, (4, 3, 3, 3)),
        'bias': Tensor(FLOAT32, (4,)),
        'depthwise': Tensor(FLOAT16, (4, 1, 3, 3)),
        'zero': Tensor(FLOAT16, ()),
        'six': Tensor(FLOAT16, ()),
    },
)
PIXELS = 2 * 5 * 7 * 3  # values of both images
CELLS = 2 * 4 * 3 * 4  # values after stride 2
COSTS = [
    Cost('Cast', FLOAT32, 0, 0, PIXELS, 4 * PIXELS),
    Cost('Mul', FLOAT32, 0, 0, 4 * PIXELS + 4 * 2 * 5, 4 * PIXELS),
    Cost('Transpose', FLOAT32, 0, 0, 4 * PIXELS, 4 * PIXELS),
    Cost('Conv', FLOAT32, CELLS * 27, 4 * (108 + 4), 4 * PIXELS, 4 * CELLS),
    Cost('Cast', FLOAT16, 0, 0, 4 * CELLS, 2 * CELLS),
    Cost('Conv', FLOAT16, CELLS * 9, 2 * 36, 2 * CELLS, 2 * CELLS),
    Cost('Clip', FLOAT16, 0, 4, 2 * CELLS, 2 * CELLS),
]


def test_each_node_costs_what_was_computed_by_hand() -> None:
    assert graph_costs(GRAPH, images=2, height=5, width=7) == COSTS
    assert COSTS[3].traffic == 4 * 112 + 4 * 210 + 4 * 96


def test_fused_convolutions_read_the_inputs_of_the_graph_and_each_others_results() -> None:
    first, second = fused_costs(COSTS, 1000)
    assert first == Cost('Conv', FLOAT32, CELLS * 27, 4 * 112, 1000, 4 * CELLS)
    assert second == COSTS[5]


def test_an_operator_without_known_cost_is_refused() -> None:
    graph = OnnxGraph((Node('Resize', ('top_left',), ('a',), {}),), {})
    with pytest.raises(ValueError, match='Resize'):
        graph_costs(graph, images=1, height=5, width=5)


def test_the_heads_of_the_real_graph_have_the_sizes_that_it_writes(network_075: PoseNet) -> None:
    graph = read_graph(network_075.graph.read_bytes())
    costs = graph_costs(graph, images=1, height=33, width=65)
    heads = [one.written for one in costs if one.operator == 'Conv'][-4:]
    # 3x5 cells; the layer of the heatmap comes first.
    assert heads == [4 * channels * 15 for channels in (17, 34, 32, 32)]
