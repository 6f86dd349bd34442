"""
Results of the reference implementation, and the distance of our results from them.

`test/data` contains the cases whose picture is part of a Python package. More cases and their
pictures are read from the folder named by POSENET_GOLDEN, by default ../shared/golden, if it
exists.
"""

from dataclasses import dataclass
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
import skimage.data

from posenet_ros.image_files import read_image
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose

ROOT = Path(__file__).parents[2]
_DATA = ROOT / 'test' / 'data'
_MORE = Path(os.environ.get('POSENET_GOLDEN', ROOT.parent / 'shared' / 'golden'))

# A picture that scikit-image contains.
_ASTRONAUT = 'astronaut.png'


@dataclass(frozen=True)
class Case:
    """One picture, model, output stride and framing, with the results of the reference."""

    path: Path

    @property
    def name(self) -> str:
        """Return the case's name, such as couple_075_s16_lb257x257."""
        return self.path.stem

    @property
    def figures(self) -> dict[str, Any]:
        """Return all results of the reference."""
        figures: dict[str, Any] = json.loads(self.path.read_text())
        return figures

    def heads(self) -> Heads:
        """Return the reference's heads."""
        heads = np.load(self.path.with_suffix('.heads.npz'))
        return Heads(
            heatmap_scores=heads['heatmapScores'],
            offsets=heads['offsets'],
            displacements_fwd=heads['displacementFwd'],
            displacements_bwd=heads['displacementBwd'],
            output_stride=self.figures['output_stride'],
        )

    def picture(self) -> NDArray[np.uint8]:
        """Return the picture, uint8 RGB [H, W, 3]."""
        name = self.figures['image']
        if name == _ASTRONAUT:
            return np.asarray(skimage.data.astronaut(), np.uint8)
        return read_image(_MORE / name)

    @property
    def has_picture(self) -> bool:
        """Return whether the picture is on this machine."""
        name = self.figures['image']
        return bool(name == _ASTRONAUT or (_MORE / name).is_file())


def _find() -> dict[str, Case]:
    paths = [*_MORE.glob('*_s*_*.json'), *_DATA.glob('*.json')]
    return {path.stem: Case(path) for path in paths}


CASES = dict(sorted(_find().items()))
CASES_WITH_HEADS = {
    name: case for name, case in CASES.items() if case.path.with_suffix('.heads.npz').is_file()
}
CASES_WITH_PICTURE = {name: case for name, case in CASES.items() if case.has_picture}


@dataclass(frozen=True)
class Difference:
    """The difference between a pose and the reference's pose."""

    #: Difference of the scores of the poses.
    score: float
    #: (x, y) in image pixels, for each keypoint that the reference scores over 0.5.
    offsets: NDArray[np.float64]


def difference(pose: Pose, reference: dict[str, Any]) -> Difference:
    """Compare a pose with one of the reference."""
    rows = np.array(reference['keypoints'])
    visible = rows[:, 2] > 0.5
    offsets = (pose.keypoints - rows[:, :2])[visible]
    return Difference(abs(pose.score - reference['score']), offsets)


def framing(case: Case) -> dict[str, Any]:
    """Return the settings for the framing of a case."""
    figures = case.figures
    if figures['mode'] == 'letterbox':
        height, width = figures['input_size']
        return {'input_size': f'{height}x{width}'}
    return {'image_scale_factor': float(figures['image_scale_factor'])}
