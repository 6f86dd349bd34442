"""Videos that the tests make: of a person who walks to the right, and of plain frames."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
import struct
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray
import skimage.data

Image = NDArray[np.uint8]

_TICKS = 90_000
# The matrix of MP4 that turns a picture by 90 degrees clockwise, in fixed point; see ISO 14496-12.
_UPRIGHT = struct.pack('>9i', 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_CLOCKWISE = struct.pack('>9i', 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def walking_frames(count: int, *, size: int = 256) -> list[Image]:
    """Return square frames, uint8 RGB [size, size, 3], of a person who moves to the right."""
    picture = cv2.resize(np.asarray(skimage.data.astronaut(), np.uint8), (size, size))
    return [np.asarray(np.roll(picture, 4 * step, axis=1), np.uint8) for step in range(count)]


def plain_frames(count: int, *, width: int = 64, height: int = 48) -> list[Image]:
    """Return grey frames, each brighter than the one before, with a red top left quarter."""
    frames: list[Image] = []
    for step in range(count):
        frame = np.full((height, width, 3), 20 + 4 * step % 200, np.uint8)
        cv2.rectangle(frame, (0, 0), (width // 2 - 1, height // 2 - 1), (255, 0, 0), cv2.FILLED)
        frames.append(frame)
    return frames


def brightness(image: Image) -> float:
    """Return the mean value of the lower right quarter of an image."""
    rows, columns = image.shape[0] * 3 // 4, image.shape[1] * 3 // 4
    return float(image[rows:, columns:].mean())


def write_video(
    path: Path,
    frames: Iterable[Image],
    *,
    rate: int = 30,
    times: Sequence[float] | None = None,
    sound: bool = False,
    sound_start: float = 0.0,
    options: dict[str, str] | None = None,
) -> Path:
    """
    Write frames as H.264; `times` in seconds replace those of the rate.

    AVI has a fixed rate, so times are rounded to it.
    """
    ticks = rate if path.suffix == '.avi' else _TICKS
    with av.open(str(path), 'w', options=options or {}) as container:
        stream = container.add_stream('libx264', rate=rate)
        stream.pix_fmt = 'yuv420p'
        stream.codec_context.time_base = Fraction(1, ticks)
        tone = container.add_stream('aac', rate=48_000) if sound else None
        count = 0
        for count, image in enumerate(frames, 1):
            if count == 1:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            time = (count - 1) / rate if times is None else times[count - 1]
            frame.pts, frame.time_base = round(time * ticks), Fraction(1, ticks)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if tone is not None:
            _add_tone(container, tone, seconds=count / rate, start=sound_start)
    return path


def write_sound(path: Path) -> Path:
    """Write half a second of a tone, without a video."""
    with av.open(str(path), 'w') as container:
        _add_tone(container, container.add_stream('aac', rate=48_000), seconds=0.5)
    return path


def _add_tone(container: Any, stream: Any, *, seconds: float, start: float = 0.0) -> None:
    samples = np.sin(np.arange(round(48_000 * seconds), dtype=np.float32) / 20)
    frame = av.AudioFrame.from_ndarray(np.stack([samples, samples]), 'fltp', 'stereo')
    frame.sample_rate = 48_000
    frame.pts, frame.time_base = round(48_000 * start), Fraction(1, 48_000)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def turn_clockwise(path: Path) -> None:
    """Make players turn an MP4 by 90 degrees clockwise, as phones do for upright videos."""
    content = path.read_bytes()
    track = content.index(b'tkhd')
    start = content.index(_UPRIGHT, track)
    end = start + len(_UPRIGHT)
    path.write_bytes(content[:start] + _CLOCKWISE + content[end:])


def truncate(path: Path, fraction: float) -> None:
    """Keep only the start of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: round(fraction * len(content))])


def read_frames(path: Path) -> list[tuple[float, Image]]:
    """Return the times and images of a video, as PyAV reads them."""
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [(float(frame.time or 0), frame.to_ndarray(format='rgb24')) for frame in frames]
