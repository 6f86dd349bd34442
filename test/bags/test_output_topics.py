from made_bags import header
import numpy as np

from posenet_ros.bags.bag_image import TrackedImage
from posenet_ros.bags.output_topics import outputs_of
from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.messages.topic_names import topics_beside
from posenet_ros.poses import Pose


def test_each_output_converts_an_image_to_a_message_of_its_type() -> None:
    pose = Pose(0.5, np.zeros((17, 2)), np.ones(17, np.float32), track_id=3)
    image = TrackedImage(header(5), (480, 640), [pose])
    outputs = outputs_of(topics_beside('/front/image_raw'), load_message_types())
    assert [(one.topic, one.message_type) for one in outputs] == [
        ('/front/poses', 'posenet_ros/msg/PoseArray')
    ]
    (message,) = (one.convert(image) for one in outputs)
    assert message.__msgtype__ == 'posenet_ros/msg/PoseArray'
    assert [one.track_id for one in message.poses] == [3]
