"""
The published weights: where they are, how to read them, and how to build ONNX graphs from them.

Read the modules in the order in which the data passes through them:

1. `catalogue`: the models, and the places that publish their weights
2. `sources`: fetches the published files and checks their sha256
3. `tfjs_manifest`: reads the tensors in those files
4. `mobilenet_layers`: sorts the tensors by layer
5. `onnx_graph`: builds a graph from the layers
6. `graph_files`, `model_record`, `store`: the graphs in the user's cache

`installation` runs steps 2 to 6 for `posenet download`. `quantization` makes int8 graphs from the
float32 graphs in the cache for `posenet quantize`; `quantized_graph` rewrites one graph.

Only `sources` accesses the network. Only `onnx_graph` and `quantized_graph` import `onnx` at the
top of the module.
"""
