"""Results in files, as JSON."""

import json
import math
from pathlib import Path

from gpu_checks.json_file import write_json
import numpy as np


def test_json_has_numbers_of_numpy_and_null_for_infinity(tmp_path: Path) -> None:
    file = tmp_path / 'a.json'
    write_json(file, {'a': [np.float32(0.5), np.int64(2), math.inf], 'b': (True, None)})
    assert json.loads(file.read_text()) == {'a': [0.5, 2, None], 'b': [True, None]}
    assert list(tmp_path.glob('*.json*')) == [file]
