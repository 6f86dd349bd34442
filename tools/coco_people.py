"""The people of COCO's validation pictures. Input: a folder as COCO's own downloads have it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from accuracy_downloads import COCO_ADVICE
import numpy as np
from numpy.typing import NDArray

_ANNOTATIONS = Path('annotations', 'person_keypoints_val2017.json')
_PICTURES = Path('val2017')


@dataclass(frozen=True, eq=False)
class People:
    """The annotated people of a picture, N of them, in pixels of the picture."""

    #: Positions (x, y), float64 [N, 17, 2], in the order of PART_NAMES.
    keypoints: NDArray[np.float64]
    #: Which keypoints are annotated, bool [N, 17].
    annotated: NDArray[np.bool_]
    #: Areas of the outlines in square pixels, float64 [N].
    areas: NDArray[np.float64]
    #: Left, top, width and height, float64 [N, 4].
    boxes: NDArray[np.float64]
    #: Whether a row stands for several people, bool [N].
    crowds: NDArray[np.bool_]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Return which rows are one person with annotated keypoints; COCO ignores the others."""
        counted: NDArray[np.bool_] = np.any(self.annotated, axis=1) & ~self.crowds
        return counted


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture and its people."""

    number: int
    path: Path
    people: People


@dataclass(frozen=True, eq=False)
class Coco:
    """COCO's validation set: pictures with people, and its whole annotation file."""

    annotations: Mapping[str, Any]
    pictures: Sequence[Picture]

    @property
    def share_of_estimated_areas(self) -> float:
        """Return the share of people whose outline areas are not COCO's own but estimates."""
        # Some copies of the annotations lack the outlines, and mark the estimates with this key.
        exact = [
            one.get('exact_area', True)
            for one in self.annotations['annotations']
            if one['num_keypoints']
        ]
        return exact.count(False) / len(exact)


def read_coco(folder: Path | None) -> Coco:
    """Return the pictures with people in a folder; raises SystemExit if it is not COCO's."""
    if not folder:
        raise SystemExit(f'no folder with COCO was given. {COCO_ADVICE}')
    if not (folder / _ANNOTATIONS).is_file():
        raise SystemExit(f'{folder} has no {_ANNOTATIONS}. {COCO_ADVICE}')
    annotations = json.loads((folder / _ANNOTATIONS).read_text())
    of_picture = defaultdict(list)
    for one in annotations['annotations']:
        of_picture[one['image_id']].append(one)
    pictures = [
        Picture(one['id'], folder / _PICTURES / one['file_name'], _people(of_picture[one['id']]))
        for one in annotations['images']
        if one['id'] in of_picture
    ]
    if missing := [one.path.name for one in pictures if not one.path.is_file()]:
        raise SystemExit(
            f'{len(missing)} of {len(pictures)} pictures are missing in {folder / _PICTURES}, '
            f'such as {missing[0]}. {COCO_ADVICE}'
        )
    return Coco(annotations, pictures)


def _people(rows: Sequence[Mapping[str, Any]]) -> People:
    keypoints = np.array([row['keypoints'] for row in rows], np.float64).reshape(-1, 17, 3)
    return People(
        keypoints=keypoints[..., :2],
        annotated=keypoints[..., 2] > 0,
        areas=np.array([row['area'] for row in rows], np.float64),
        boxes=np.array([row['bbox'] for row in rows], np.float64),
        crowds=np.array([row['iscrowd'] for row in rows], bool),
    )
