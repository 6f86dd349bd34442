"""The parts of the benchmark: each module measures one and returns its figures as a dict."""
