"""
Running a graph with ONNX Runtime: tensors in, tensors out.

`graph` describes a graph, its inputs and its outputs. `runtime.Runtime` runs it.
`execution_providers` is the table of everything that can run it.
"""
