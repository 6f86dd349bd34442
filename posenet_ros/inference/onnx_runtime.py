"""
ONNX Runtime with its telemetry turned off.

Since 1.32, the Linux builds of ONNX Runtime record information about the machine in the user's
home folder and send it to Microsoft. A robot must not do that, so import `onnxruntime` from here
and never directly. To turn the telemetry on, set ORT_DISABLE_TELEMETRY=0.
"""

import os

os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')  # read when onnxruntime is imported

import onnxruntime as onnxruntime
