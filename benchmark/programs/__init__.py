"""The programs that take part in a measurement, and functions to start and stop them."""
