"""Decoders: from heads to poses, in pixels of the network input."""
