"""The GPU under test, through its driver; or the CPU in its place."""
