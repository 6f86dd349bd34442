"""COCO's measures of keypoints. Input: annotations and poses. Computed by pycocotools."""

from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
import io
from typing import Any

from posenet_ros.poses import Pose


@dataclass(frozen=True)
class Precision:
    """COCO's measures, 0 to 1."""

    #: Average precision: the mean over ten thresholds of OKS, 0.5 to 0.95.
    ap: float
    #: At the thresholds 0.5 and 0.75.
    ap50: float
    ap75: float
    #: Of people with an area of 32^2 to 96^2 pixels, and of larger ones. COCO does not annotate
    #: the keypoints of smaller ones.
    medium: float
    large: float
    #: Average recall: the mean over the ten thresholds.
    recall: float


class Evaluation:
    """Compares poses with the annotations of some pictures."""

    def __init__(self, annotations: Mapping[str, Any], numbers: Sequence[int]) -> None:
        """Use COCO's whole annotation file, and the numbers of the pictures that count."""
        # Tests run without pycocotools.
        from pycocotools.coco import COCO

        self._numbers = numbers
        self._coco = COCO()
        self._coco.dataset = annotations
        with redirect_stdout(io.StringIO()):
            self._coco.createIndex()

    def evaluate(self, poses: Mapping[int, Sequence[Pose]]) -> Precision:
        """Return the measures for the poses by number of the picture."""
        from pycocotools.cocoeval import COCOeval

        results = [to_result(number, pose) for number in self._numbers for pose in poses[number]]
        if not results:  # pycocotools expects at least one
            return Precision(0, 0, 0, 0, 0, 0)
        with redirect_stdout(io.StringIO()):
            evaluation = COCOeval(self._coco, self._coco.loadRes(results), 'keypoints')
            evaluation.params.imgIds = list(self._numbers)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        return Precision(*(float(value) for value in evaluation.stats[:6]))


def to_result(number: int, pose: Pose) -> dict[str, Any]:
    """Return a pose as COCO's results have it."""
    rows = [(x, y, 1.0) for x, y in pose.keypoints.tolist()]
    return {
        'image_id': number,
        'category_id': 1,
        'keypoints': [value for row in rows for value in row],
        'score': pose.score,
    }
