"""
Decoding the video in a file, up to the first place where it is broken.

FFmpeg conceals what it can: it repeats parts of other frames, or ends without an error. For poses,
frames that nobody recorded are worse than an error.
"""

from collections.abc import Iterator
import errno
from typing import Any

from posenet_ros.videos.pyav import load_pyav

# A file whose packets end so many seconds before its stated duration is incomplete.
_MISSING = 0.5
# Errors of a disk or a network. FFmpeg uses the codes of other system errors for damage, too.
_DISK_ERRORS = (errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ETIMEDOUT)
# Bytes that are read at once.
_BLOCK = 2**20
# FFmpeg's time base of a whole file, AV_TIME_BASE.
_TICKS_PER_SECOND = 1_000_000


class BrokenVideoError(Exception):
    """A video is broken, or cannot be read, after `count` intact frames; the message says why."""

    def __init__(self, reason: str, count: int, *, disk_error: Exception | None = None) -> None:
        """Keep the reason, the number of intact frames before it, and the disk's error, if any."""
        super().__init__(reason)
        self.count = count
        self.disk_error = disk_error


class _DecodingError(Exception):
    """A packet cannot be decoded; `frames` are the last intact ones before it."""

    def __init__(self, reason: str, frames: list[Any]) -> None:
        super().__init__(reason)
        self.frames = frames


def decode(container: Any, stream: Any, *, duration: float) -> Iterator[Any]:
    """
    Return the intact frames of a stream of PyAV, in the order in which they are shown.

    `duration` is that of the file in seconds, 0 if not known. Raises BrokenVideoError at the first
    frame that is not intact, at the end if the file ends earlier, and if there is no frame.
    """
    errors = load_pyav().FFmpegError
    count, end = 0, 0.0
    start = (container.start_time or 0) / _TICKS_PER_SECOND
    packets = container.demux()
    try:
        for packet in packets:
            end = max(end, _end_of(packet) - start)
            if packet.stream is not stream:
                continue
            for frame in _decode_packet(packet, started=count > 0):
                count += 1
                yield frame
    except _DecodingError as error:
        for frame in error.frames:
            count += 1
            yield frame
        disk_error = _find_disk_error(packets, container.name)
        reason = str(error) if disk_error is None else ffmpeg_reason(disk_error)
        raise BrokenVideoError(reason, count, disk_error=disk_error) from error
    except errors as error:
        disk_error = error if _is_of_disk(error, container.name) else None
        raise BrokenVideoError(ffmpeg_reason(error), count, disk_error=disk_error) from error
    if not count:
        raise BrokenVideoError('the file is damaged or empty', count)
    if duration - end > _MISSING:
        raise BrokenVideoError(f'the file ends {duration - end:.1f} s too early', count)


def ffmpeg_reason(error: Exception) -> str:
    """Return the reason of an error of PyAV, without the name of the file or the function."""
    return str(getattr(error, 'strerror', None) or error)


def _find_disk_error(packets: Iterator[Any], path: str) -> Exception | None:
    """
    Return why a broken packet could not be read; None if it was read as it is in the file.

    FFmpeg returns half a packet when the disk fails, and the error only instead of the next one.
    """
    try:
        next(packets, None)
    except load_pyav().FFmpegError as error:
        return error if _is_of_disk(error, path) else None
    return None


def _is_of_disk(error: Exception, path: str) -> bool:
    """Return whether the disk or the network of a file failed, and not its content."""
    if not isinstance(error, OSError) or error.errno not in _DISK_ERRORS:
        return False
    # Some of FFmpeg's formats use EIO for damage, too. Then the bytes of the file can be read.
    return error.errno != errno.EIO or not _can_be_read(path)


def _can_be_read(path: str) -> bool:
    try:
        with open(path.removeprefix('file:'), 'rb') as file:
            while file.read(_BLOCK):
                pass
    except OSError:
        return False
    return True


def _decode_packet(packet: Any, *, started: bool) -> list[Any]:
    """
    Return the frames that follow from a packet; raises _DecodingError.

    The recording of a broadcast may start between two frames that can be decoded: what is broken
    before the first intact frame is skipped.
    """
    frames: list[Any] = []
    reason = 'it is damaged, or ends in the middle of a frame'
    broken = packet.is_corrupt
    try:
        for frame in [] if broken else packet.decode():
            broken = broken or frame.is_corrupt
            if not broken:
                frames.append(frame)
    except load_pyav().FFmpegError as error:
        broken, reason = True, ffmpeg_reason(error)
    if not broken or not (started or frames):
        return frames
    raise _DecodingError(reason, frames + _remaining(packet.stream))


def _remaining(stream: Any) -> list[Any]:
    """Return the intact frames that the decoder still holds."""
    try:
        held = stream.codec_context.decode(None)
    except load_pyav().FFmpegError:
        return []
    return [frame for frame in held if not frame.is_corrupt]


def _end_of(packet: Any) -> float:
    """Return when what a packet contains ends, in seconds of the file's clock; 0 if not known."""
    # Some containers, such as AVI, have only the order of decoding.
    time = packet.dts if packet.pts is None else packet.pts
    if time is None or packet.time_base is None:
        return 0.0
    return float((time + (packet.duration or 0)) * packet.time_base)
