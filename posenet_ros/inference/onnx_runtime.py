"""
ONNX Runtime, as the whole package takes it: with its telemetry off.

Since 1.32 ONNX Runtime's Linux builds note what machine they run on in the user's home, and send
it to their maker. A robot does not: import `onnxruntime` from here, never directly. Who wants
the telemetry sets ORT_DISABLE_TELEMETRY=0.
"""

import os

os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')  # read when it is imported

import onnxruntime as onnxruntime
