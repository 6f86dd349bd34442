"""
A session of ONNX Runtime for tools/precision.py, in its own process and possibly another Python.

Arguments: graph, execution provider, and its options as JSON. Standard input: pickles of (heads,
the graph's inputs, runs). Standard output, as pickles: first ONNX Runtime's version and the
session's provider; then, for each input, the values of the heads and the median time of the runs
in milliseconds.
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
    """Run the session for each input until standard input ends."""
    graph, provider, options = sys.argv[1:]
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        graph, quiet, providers=[(provider, json.loads(options))]
    )
    _send((onnxruntime.__version__, session.get_providers()[0]))
    while True:
        try:
            heads, inputs, runs = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            values = session.run(heads, inputs)
            times.append(time.perf_counter() - start)
        _send(([value[0] for value in values], float(np.median(times)) * 1e3))


def _send(message: Any) -> None:
    pickle.dump(message, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == '__main__':
    main()
