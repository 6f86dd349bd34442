"""The programs that take part in a measurement, and what starts and stops them."""
