"""The annotations that posenet_node publishes, as Foxglove receives them; needs foxglove_msgs."""

import numpy as np
from numpy.typing import NDArray
import pytest
from ros_graph import Graph, image_message

foxglove = pytest.importorskip(
    'foxglove_msgs.msg', reason='foxglove_msgs is missing: there is no wheel of it'
)


def test_annotations_belong_to_the_poses_of_the_same_image(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> None:
    graph.start_posenet('-p', 'smoothing:=false')
    poses = graph.collect_poses()
    annotations = graph.collect(foxglove.ImageAnnotations, 'annotations')
    # An id, which the third image has, is the text.
    graph.publish_until(
        graph.image_publisher(),
        image_message(astronaut),
        lambda: annotations and annotations[-1].texts and poses[-1].poses[0].track_id,
        'annotations with an id',
    )
    (pose,), last = poses[-1].poses, annotations[-1]
    _, keypoints = last.points
    shown = [one for one in pose.keypoints if one.score >= 0.3]
    expected = [(one.x + 0.5, one.y + 0.5) for one in shown]
    np.testing.assert_allclose([(one.x, one.y) for one in keypoints.points], expected, atol=1e-3)
    assert [text.text for text in last.texts] == [str(pose.track_id)]
    assert keypoints.timestamp == poses[-1].header.stamp


def test_without_anybody_in_view_the_annotations_are_empty(graph: Graph) -> None:
    graph.start_posenet()
    annotations = graph.collect(foxglove.ImageAnnotations, 'annotations')
    nobody = image_message(np.zeros((60, 80, 3), np.uint8))
    graph.publish_until(graph.image_publisher(), nobody, lambda: annotations, 'annotations')
    assert (annotations[0].points, annotations[0].texts) == ([], [])
