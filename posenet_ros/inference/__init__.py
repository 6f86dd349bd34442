"""
Running a graph with ONNX Runtime: tensors in, tensors out.

`graph` describes a graph and what it is fed, `runtime.Runtime` runs it, and
`execution_providers` is the table of everything that can run it.
"""
