"""
ONNX Runtime: where a graph runs, and what happens when it cannot.

`runtime.Runtime` is the way in; `execution_providers` is the one table of what there is.
"""
