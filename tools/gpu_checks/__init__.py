"""The checks of `tools/gpu_check.py`: how the package behaves on an NVIDIA GPU."""
