"""
Write docs/agreement.md: how far the results are from the reference's, case by case.

Run by `make agreement`. The cases are those of test/golden.py; each is run from its picture, with
all its parameter sets, and compared in pixels of the network input.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golden import Case, CASES_WITH_HEADS, CASES_WITH_PICTURE, difference, framing
import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation import load_network, PoseEstimator
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.settings import PoseSettings

_TARGET = Path(__file__).parent.parent / 'docs' / 'agreement.md'

_HEAD = """\
# Agreement with the reference

What this package gives, beside what the reference gives: PoseNet 2.2.2 for TensorFlow.js, on its
CPU backend in float32, from the same published weights. Written by `make agreement` from a run;
`make test` holds every case to within 0.5 pixels and 0.01 of score.

## From pictures

Cases: picture, model's multiplier, output stride, and framing (`lb`: letterboxed to that input;
`sf`: scale factor in hundredths). People: ours / the reference's, over all parameter sets of a
case (thresholds, radii, most people, flipped or not). Errors are of keypoints that the reference
scores over 0.5, in pixels of the network input.

| case | people | within 0.5 px | median | largest | largest score difference |
| --- | --- | --- | --- | --- | --- |
"""

_DECODED = """
The differences left come from the arithmetic of two runtimes.

## From the reference's heads

The multi-person decoder, fed the reference's own heads, over all parameter sets of a case.

| case | people | largest error in px | largest score difference |
| --- | --- | --- | --- |
"""


@dataclass
class Tally:
    """What was found over the parameter sets of a case."""

    ours: int = 0
    reference: int = 0
    score: float = 0.0
    errors: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def add(self, poses: list[Any], references: list[Any], scale: NDArray[np.float64]) -> None:
        """Compare the poses of one run, in the reference's order."""
        self.ours += len(poses)
        self.reference += len(references)
        for pose, reference in zip(poses, references, strict=False):
            found = difference(pose, reference)
            self.score = max(self.score, found.score)
            self.errors = np.append(self.errors, np.hypot(*(found.offsets / scale).T))


def main() -> None:
    """Run all cases and write the page."""
    lines = [_HEAD]
    for case in CASES_WITH_PICTURE.values():
        tally = _from_picture(case)
        share = 100 * np.mean(tally.errors < 0.5)
        lines.append(
            f'| {case.name} | {tally.ours} / {tally.reference} | {share:.1f} % '
            f'| {np.median(tally.errors):.5f} | {tally.errors.max():.5f} | {tally.score:.1e} |\n'
        )
    lines.append(_DECODED)
    for case in CASES_WITH_HEADS.values():
        tally = _from_heads(case)
        lines.append(
            f'| {case.name} | {tally.ours} / {tally.reference} | {tally.errors.max():.1e} '
            f'| {tally.score:.1e} |\n'
        )
    _TARGET.write_text(''.join(lines))


def _from_picture(case: Case) -> Tally:
    figures, image, tally = case.figures, case.picture(), Tally()
    settings = ModelSettings(model=figures['model'], output_stride=figures['output_stride'])
    estimator = PoseEstimator(load_network(settings))
    for run in figures['runs']:
        estimator.settings = PoseSettings(**framing(case), **run['params'])
        scale = estimator.frame((image.shape[0], image.shape[1])).scale
        tally.add(estimator.estimate(image), run['multi'], np.array(scale[::-1]))
    return tally


def _from_heads(case: Case) -> Tally:
    heads, tally = case.heads(), Tally()
    for run in case.figures['decoded']:
        tally.add(decode_multiple_poses(heads, **run['params']), run['multi'], np.ones(2))
    return tally


if __name__ == '__main__':
    main()
