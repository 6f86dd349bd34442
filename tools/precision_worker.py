"""
A session of ONNX Runtime for tools/precision.py, in a process and a Python of its own.

Arguments: graph, execution provider, its options as JSON. Writes pickles to standard output: its
version and the provider that it got; then, for each (heads, image, input size, runs) that it
reads, the heads' values and the median time of the runs in milliseconds.
"""

import json
import os
import pickle
import sys
import time
from typing import Any

import numpy as np

os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')  # as in posenet_ros.inference.onnx_runtime

import onnxruntime


def main() -> None:
    """Answer until standard input ends."""
    graph, provider, options = sys.argv[1:]
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        graph, quiet, providers=[(provider, json.loads(options))]
    )
    _answer((onnxruntime.__version__, session.get_providers()[0]))
    while True:
        try:
            heads, image, input_size, runs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        inputs = {'image': image[np.newaxis], 'input_size': np.array(input_size, np.int64)}
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            values = session.run(heads, inputs)
            times.append(time.perf_counter() - start)
        _answer(([value[0] for value in values], float(np.median(times)) * 1e3))


def _answer(message: Any) -> None:
    pickle.dump(message, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == '__main__':
    main()
