"""
Compare our results with the reference's, case by case.

`make agreement` runs this program. Input: the cases of test/support/golden.py, each with a picture
or heads, sets of parameters, and the reference's poses. Output: docs/agreement.md, with errors in
pixels of the network input.
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

The reference is PoseNet 2.2.2 for TensorFlow.js, on its CPU backend in float32, with the same
published weights. `make agreement` runs this package on the same cases and writes this page.
`make test` requires errors below 0.5 pixels and score differences below 0.01.

## From pictures

The name of a case consists of the picture, the model's multiplier, the output stride and the
framing (`lb`: letterboxed to this input size; `sf`: scale factor in hundredths). Each case is run
with several sets of parameters: thresholds, radii, maximum number of people, flipped or not. All
of them have `min_pose_score: 0.0`, as the reference keeps poses with any score.
*People* is the number of our poses and of the reference's, over all sets. Errors are those of
keypoints that the reference scores over 0.5, in pixels of the network input.

| case | people | within 0.5 px | median | maximum | maximum score difference |
| --- | --- | --- | --- | --- | --- |
"""

_DECODED = """
The remaining differences are rounding differences between the two runtimes.

## From the reference's heads

Here our multi-person decoder decodes the heads that the reference's network computed, with all
sets of parameters of a case.

| case | people | maximum error in px | maximum score difference |
| --- | --- | --- | --- |
"""


@dataclass
class Tally:
    """The comparison over all sets of parameters of a case."""

    ours: int = 0
    reference: int = 0
    score: float = 0.0
    errors: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def add(self, poses: list[Any], references: list[Any], scale: NDArray[np.float64]) -> None:
        """Compare the poses of one run, in the reference's order."""
        self.ours += len(poses)
        self.reference += len(references)
        for pose, reference in zip(poses, references, strict=False):
            error = difference(pose, reference)
            self.score = max(self.score, error.score)
            self.errors = np.append(self.errors, np.hypot(*(error.offsets / scale).T))


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
        estimator.settings = PoseSettings(**framing(case), **run['params'], min_pose_score=0.0)
        scale = estimator.frame((image.shape[0], image.shape[1])).scale
        tally.add(estimator.estimate(image), run['multi'], np.array(scale[::-1]))
    return tally


def _from_heads(case: Case) -> Tally:
    heads, tally = case.heads(), Tally()
    for run in case.figures['decoded']:
        poses = decode_multiple_poses(heads, **run['params'], min_pose_score=0.0)
        tally.add(poses, run['multi'], np.ones(2))
    return tally


if __name__ == '__main__':
    main()
