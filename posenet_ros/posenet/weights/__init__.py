"""
The published weights: where they are, how they are read, and how they become ONNX graphs.

Flow: catalogue -> sources (files on disk) -> tfjs_manifest (tensors) -> mobilenet and
onnx_graph (a graph for each output stride) -> store (the user's cache); from there quantization
and quantized_graph make int8 graphs. Only the modules of graphs import `onnx` at their top, and
only `sources` goes to the network.
"""
