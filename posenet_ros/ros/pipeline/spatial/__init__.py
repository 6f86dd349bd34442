"""Positions in metres: depth images, which of them belongs to an image, and poses_3d."""
