"""A file in memory that limits how much Pillow reads from it."""

import io

from posenet_ros.errors import ImageError

# Pillow reads a header tag by tag or chunk by chunk, in Python, and keeps what it has read. Files
# in use need fewer than 1000 reads for the header, and one read for several kilobytes of pixels.
_MIN_READS = 10_000
_BYTES_PER_READ = 512


class BoundedFile(io.BytesIO):
    """
    The content of an image file, for Pillow.

    Without a limit, a small file could make Pillow work for minutes or allocate gigabytes: with
    millions of empty chunks, or with tags that all refer to the same bytes.
    """

    def __init__(self, content: bytes, max_bytes: int) -> None:
        """Allow reading `max_bytes` in total, and at most one read per 512 bytes of the file."""
        super().__init__(content)
        self._bytes_left = max_bytes
        self._reads_left = _MIN_READS + len(content) // _BYTES_PER_READ

    def allow(self, max_bytes: int) -> None:
        """Allow reading this number of bytes from now on."""
        self._bytes_left = max_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes; raises ImageError if Pillow has read too much or too often."""
        content = super().read(size)
        self._reads_left -= 1
        self._bytes_left -= len(content)
        if self._reads_left < 0 or self._bytes_left < 0:
            raise ImageError(
                'its header is too large, or the file is divided into too many parts; save it '
                'again without layers and metadata'
            )
        return content
