"""
The file to which a listener writes records of messages, and from which the benchmark reads them.

A record is three int64: the topic's number, the message's stamp, and the time when it was
received, both in ns of the system clock.
"""

from pathlib import Path
import struct

import numpy as np
from numpy.typing import NDArray

#: (topic's number, stamp, time of receipt)
RECORD = struct.Struct('=3q')

Records = NDArray[np.int64]


def read_records(path: Path, start: int = 0) -> Records:
    """Return the complete records [n, 3] in a file, from number `start` on."""
    written = path.read_bytes() if path.exists() else b''
    complete = len(written) // RECORD.size * RECORD.size
    records: Records = np.frombuffer(written[:complete], np.int64).reshape(-1, 3)
    return records[start:]
