"""The measurement of time, and the bounds on it."""
