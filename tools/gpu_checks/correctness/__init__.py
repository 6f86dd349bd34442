"""The comparison of what the device computes with the CPU."""
