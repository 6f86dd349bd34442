import pytest

from posenet_ros.ros.diagnostics.depth_status import depth_values, describe_missing_depth
from posenet_ros.ros.pipeline.spatial.depth_statistics import DepthCounts

BEFORE = DepthCounts(100, {'no depth image': 5}, 'no depth image has arrived')


def test_a_camera_without_depth_has_no_values_and_no_problem() -> None:
    assert depth_values(None) == {}
    assert describe_missing_depth(None, None) is None


def test_the_values_count_images_with_and_without_depth_by_reason() -> None:
    counts = DepthCounts(90, {'no depth image': 3, 'depth image too old': 7}, 'it is old')
    assert depth_values(counts) == {
        'images with depth': '90',
        'images without depth': '10 (3 no depth image, 7 depth image too old)',
        'last reason without depth': 'it is old',
    }


def test_without_images_the_values_are_0_and_there_is_no_problem() -> None:
    assert list(depth_values(DepthCounts()).values()) == ['0', '0', '-']
    assert describe_missing_depth(DepthCounts(), DepthCounts()) is None


@pytest.mark.parametrize(
    ('paired', 'missed', 'problem'),
    [
        (127, 3, None),
        (126, 4, 'no positions in metres for 4 of 30 images: it is old'),
        (100, 30, 'no positions in metres for any image: it is old'),
    ],
)
def test_it_is_a_problem_if_over_a_tenth_of_the_images_since_the_last_report_had_no_depth(
    paired: int, missed: int, problem: str | None
) -> None:
    after = DepthCounts(paired, {'no depth image': 5, 'depth image too old': missed}, 'it is old')
    assert describe_missing_depth(BEFORE, after) == problem


def test_the_first_report_includes_everything_since_the_start() -> None:
    message = describe_missing_depth(None, BEFORE)
    assert message is None
    assert describe_missing_depth(None, DepthCounts(0, {'no depth image': 1}, 'none')) is not None
