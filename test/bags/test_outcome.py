from hypothesis import given, strategies
import numpy as np

from posenet_ros.bags.outcome import from_line, Outcome, to_line
from posenet_ros.poses import Pose

POSE = Pose(0.1 + 0.2, np.random.default_rng(0).normal(size=(17, 2)), np.full(17, 0.3, np.float32))


def outcome() -> Outcome:
    return Outcome(
        topic='/a', time=7, size=(480, 640), poses=[POSE, POSE], searched=True, left_out=[POSE]
    )


def test_a_line_has_all_values_in_full_precision() -> None:
    back = from_line(to_line(outcome()))
    assert back is not None
    assert (back.topic, back.time, back.size, back.searched) == ('/a', 7, (480, 640), True)
    assert (len(back.poses), len(back.looked_at), len(back.left_out)) == (2, 0, 1)
    for pose in back.poses:
        assert pose.score == POSE.score
        assert pose.keypoints.dtype == np.float64
        assert pose.keypoint_scores.dtype == np.float32
        np.testing.assert_array_equal(pose.keypoints, POSE.keypoints)
        np.testing.assert_array_equal(pose.keypoint_scores, POSE.keypoint_scores)


def test_a_refusal_is_kept() -> None:
    back = from_line(to_line(Outcome(topic='/a', time=7, refusal='not an image')))
    assert back is not None
    assert (back.size, back.refusal, back.poses) == (None, 'not an image', [])


@given(strategies.integers(0, len(to_line(outcome())) - 2))
def test_half_a_line_is_no_outcome(length: int) -> None:
    assert from_line(to_line(outcome())[:length]) is None


@given(strategies.binary(max_size=200))
def test_bytes_of_something_else_are_no_outcome(content: bytes) -> None:
    assert from_line(content) is None
