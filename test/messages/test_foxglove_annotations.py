from made_bags import header
from made_poses import pose_at

from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.drawing.image_annotations import image_annotations
from posenet_ros.messages.foxglove_annotations import to_image_annotations

TYPES = load_message_types()


def test_all_parts_of_the_message_have_the_values_and_the_stamp_of_the_image() -> None:
    annotations = image_annotations([pose_at(300, track_id=4)], (480, 640), tracked=True)
    message = to_image_annotations(annotations, header(5 * 10**9), types=TYPES.foxglove)
    assert (len(message.points), len(message.texts), message.circles) == (2, 1, [])
    for sent, made in zip(message.points, annotations.points, strict=True):
        assert [(one.x, one.y) for one in sent.points] == [(one.x, one.y) for one in made.points]
        assert (sent.type, sent.thickness) == (made.type, made.thickness)
        assert sent.outline_color.r == made.outline_color.r
    assert message.texts[0].text == '4'
    stamps = [one.timestamp for one in (message, *message.points, *message.texts)]
    assert {stamp.sec for stamp in stamps} == {5}
