"""The figures of each row, for tools/accuracy.py. Input: poses and times of all pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from accuracy_matches import count_found, count_poses, PoseCounts, similarities
from accuracy_rows import Row
from accuracy_runs import Run
from average_precision import Evaluation, Precision
from coco_people import Picture
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RowFigures:
    """What was measured for a row."""

    row: Row
    precision: Precision
    counts: PoseCounts
    #: Numbers of people, of those found, and of those with a pose near, int [3, bins of HEIGHTS].
    by_height: NDArray[np.int64]
    #: The mean over the pictures.
    cpu_milliseconds: float


@dataclass(frozen=True)
class Figures:
    """What was measured for all rows."""

    rows: Sequence[RowFigures]
    pictures: int
    people: int
    share_of_estimated_areas: float


def compute_figures(
    row: Row, runs: Sequence[Run], pictures: Sequence[Picture], evaluation: Evaluation
) -> RowFigures:
    """Return the figures of a row from its runs, one for each picture."""
    counts, by_height = [], []
    for picture, run in zip(pictures, runs, strict=True):
        similar = similarities(run.poses, picture.people)
        counts.append(count_poses(similar, picture.people))
        by_height.append(count_found(similar, picture.people, run.network_scale))
    numbers = [picture.number for picture in pictures]
    poses = {number: run.poses for number, run in zip(numbers, runs, strict=True)}
    return RowFigures(
        row=row,
        precision=evaluation.evaluate(poses),
        counts=reduce(add, counts),
        by_height=np.sum(by_height, axis=0),
        cpu_milliseconds=float(np.mean([run.cpu_milliseconds for run in runs])),
    )


def pareto_front(rows: Sequence[RowFigures]) -> list[RowFigures]:
    """Return the rows that are more accurate than all that take less CPU time, in its order."""
    front: list[RowFigures] = []
    for one in sorted(rows, key=lambda one: (one.cpu_milliseconds, -one.precision.ap)):
        if not front or one.precision.ap > front[-1].precision.ap:
            front.append(one)
    return front
