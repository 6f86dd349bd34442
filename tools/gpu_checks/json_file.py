"""Results in files, as JSON."""

import json
import math
import os
from pathlib import Path
from typing import Any


def write_json(file: Path, value: Any) -> None:
    """Write a value as JSON, with null for NaN and infinity; the file is complete or as before."""
    text = json.dumps(_plain(value), indent=1, allow_nan=False) + '\n'
    temporary = file.with_name(f'.{file.name}.{os.getpid()}')
    temporary.write_text(text)
    temporary.replace(file)


def _plain(value: Any) -> Any:
    """Return a value without what JSON has not: NaN, infinity, and NumPy's types."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if hasattr(value, 'item'):
        return _plain(value.item())
    return value if not isinstance(value, float) or math.isfinite(value) else None
