"""Running all rows on all pictures, for tools/accuracy.py. Output: poses and times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import random
import sys
import time
from typing import Any

from accuracy_rows import Row
from coco_people import Picture

from posenet_ros.errors import ModelNotFoundError
from posenet_ros.estimation import (
    load_network,
    ModelSettings,
    Pose,
    PoseEstimator,
    PoseNetwork,
    PoseSettings,
    RuntimeSettings,
)
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.closer_look import CloserLook
from posenet_ros.image_files import read_image


@dataclass(frozen=True, eq=False)
class Run:
    """What a row gives for one picture."""

    poses: Sequence[Pose]
    #: CPU time of all threads of the process, from the array of the image to the poses. Unlike the
    #: elapsed time, it hardly depends on other load.
    cpu_milliseconds: float
    #: Size of a pixel of the picture in pixels of the network input, along y.
    network_scale: float


#: Runs by row, each in the order of the pictures.
Runs = Mapping[Row, Sequence[Run]]


def load_rows(rows: Sequence[Row]) -> dict[Row, CloserLook]:
    """
    Return what finds poses for each row whose model was downloaded, and name the others.

    Rows that differ only in other settings share a network.

    Raises SystemExit if none was downloaded.
    """
    loaded: dict[Row, CloserLook] = {}
    networks: dict[tuple[ModelSettings, RuntimeSettings], PoseNetwork[Any]] = {}
    for row in rows:
        try:
            key = row.group(ModelSettings), row.group(RuntimeSettings)
            if key not in networks:
                networks[key] = load_network(*key)
            loaded[row] = CloserLook(PoseEstimator(networks[key], row.group(PoseSettings)))
        except ModelNotFoundError as error:
            print(f'{row.name} is left out: {error}', file=sys.stderr)
    if not loaded:
        raise SystemExit('no row is left')
    return loaded


def run_rows(finders: Mapping[Row, CloserLook], pictures: Sequence[Picture]) -> Runs:
    """
    Run all rows on each picture, one after the other.

    So other load on the machine affects all rows alike. Each picture has another order of rows, as
    a row is slower after another network, which replaces its own in the caches. It is always the
    same order for a picture.
    """
    runs: dict[Row, list[Run]] = {row: [] for row in finders}
    turns = [(row, finder, row.group(AttentionSettings)) for row, finder in finders.items()]
    order = random.Random(0)
    start = time.monotonic()
    for number, picture in enumerate(pictures, start=1):
        image = read_image(picture.path)
        for row, finder, attention in order.sample(turns, len(turns)):
            began = time.process_time()
            poses = finder.estimate(image, attention=attention)
            milliseconds = 1e3 * (time.process_time() - began)
            scale, _ = finder.estimator.frame((image.shape[0], image.shape[1])).scale
            runs[row].append(Run(poses, milliseconds, 1 / scale))
        _report(number, len(pictures), time.monotonic() - start)
    print(file=sys.stderr)
    return runs


def _report(number: int, count: int, seconds: float) -> None:
    left = seconds / number * (count - number) / 60
    line = f'\r{number} of {count} pictures, {left:.1f} minutes left '
    print(line, end='', file=sys.stderr, flush=True)
