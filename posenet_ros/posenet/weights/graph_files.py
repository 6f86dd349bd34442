"""The file names of a model's graphs: one graph for each output stride and precision."""

from posenet_ros.posenet.weights.catalogue import Model

#: Version of the graphs' inputs and outputs. Graphs of another format must be built again.
GRAPH_FORMAT = 4

#: The precisions that `posenet download` builds.
DOWNLOADED_PRECISIONS = ('float32', 'float16')

# Suffix of the file name by precision. bfloat16 uses the float32 graph; the execution provider
# runs it in bfloat16.
_SUFFIXES = {'float32': '', 'bfloat16': '', 'float16': '-float16', 'int8': '-int8'}

# The `posenet` command that builds a precision.
_COMMANDS = {'int8': 'quantize'}


def graph_file(output_stride: int, precision: str = 'float32') -> str:
    """Return the file name of the graph for an output stride and a precision."""
    return f'stride{output_stride}{_SUFFIXES[precision]}.onnx'


def downloaded_graph_files(model: Model) -> list[str]:
    """Return the file names of all graphs of a model that `posenet download` builds."""
    return [
        graph_file(output_stride, precision)
        for output_stride in model.output_strides
        for precision in DOWNLOADED_PRECISIONS
    ]


def command_to_build(model_name: str, precision: str = 'float32') -> str:
    """Return the command that builds a model's graphs in a precision, for error messages."""
    return f'posenet {_COMMANDS.get(precision, "download")} {model_name}'
