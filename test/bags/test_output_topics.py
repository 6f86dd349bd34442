from bag_conversions import settings
from made_bags import header
from made_poses import pose_at
import pytest

from posenet_ros.bags.bag_image import TrackedImage
from posenet_ros.bags.output_topics import Output, outputs_of
from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.messages.topic_names import topics_beside
from posenet_ros.settings import PoseSettings

TOPICS = topics_beside('/front/image_raw')


def outputs(*, annotations: bool) -> list[Output]:
    return outputs_of(
        TOPICS, load_message_types(), settings().observation, annotations=annotations
    )


@pytest.mark.parametrize('annotations', [False, True])
def test_each_output_converts_an_image_to_a_message_of_its_type(*, annotations: bool) -> None:
    image = TrackedImage(header(5), (480, 640), [pose_at(300, track_id=3)])
    made = outputs(annotations=annotations)
    expected = {'/front/poses': 'posenet_ros/msg/PoseArray'}
    if annotations:
        expected['/front/annotations'] = 'foxglove_msgs/msg/ImageAnnotations'
    assert {one.topic: one.message_type for one in made} == expected
    for one in made:
        assert one.convert(image).__msgtype__ == one.message_type
    (person,) = made[0].convert(image).poses
    assert person.track_id == 3


def test_annotations_of_mirrored_poses_are_on_the_image_as_it_was_sent() -> None:
    image = TrackedImage(header(5), (480, 640), [pose_at(300, track_id=3)])
    mirrored = TrackedImage(image.header, image.size, [image.poses[0].mirrored(640)])
    plain, flipped = (
        outputs_of(TOPICS, load_message_types(), chosen, annotations=True)[1]
        for chosen in (
            settings().observation,
            settings(poses=PoseSettings(flip_horizontal=True)).observation,
        )
    )
    assert flipped.convert(mirrored).points[1] == plain.convert(image).points[1]
