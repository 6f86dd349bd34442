"""The size in the header of a WebP file: RFC 9649, sections 2.5 to 2.7."""


def read_webp_size(content: bytes) -> tuple[int, int]:
    """
    Return (width, height) of a WebP file; (0, 0) if the header is broken.

    Pillow's decoder allocates memory for the whole image before it returns the size.
    """
    chunk, data = content[12:16], content[20:30]
    if len(data) < 10:
        return 0, 0
    if chunk == b'VP8X':
        return _little(data[4:7]) + 1, _little(data[7:10]) + 1
    if chunk == b'VP8 ':
        return _little(data[6:8]) & 0x3FFF, _little(data[8:10]) & 0x3FFF
    if chunk == b'VP8L':
        bits = _little(data[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0


def _little(data: bytes) -> int:
    return int.from_bytes(data, 'little')
