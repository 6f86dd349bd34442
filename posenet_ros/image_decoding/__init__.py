"""Decoding of image files in memory, with bounded time and memory."""

from posenet_ros.image_decoding.decoding import decode_image

__all__ = ['decode_image']
