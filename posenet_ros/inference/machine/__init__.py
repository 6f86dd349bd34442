"""The machine, as far as it matters to ONNX Runtime: driver, GPUs, libraries, CPU."""
