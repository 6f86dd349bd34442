"""Results of `posenet estimate` for made poses."""

from collections.abc import Sequence

from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.poses import Pose


def made_result(
    source: str, moment: Moment | None, poses: Sequence[Pose], *, tracked: bool
) -> ImageResult:
    """Return a result with poses in an image of 640x480 pixels."""
    return ImageResult(
        source,
        moment=moment,
        image_size=(480, 640),
        quality='fast',
        model='mobilenet_v1_075',
        output_stride=16,
        input_size=(241, 321),
        poses=list(poses),
        tracked=tracked,
    )
