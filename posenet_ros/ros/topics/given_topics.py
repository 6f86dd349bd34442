"""The topics that the parameters of a node name."""

from collections.abc import Sequence
from dataclasses import dataclass

from rclpy.exceptions import NameValidationException
from rclpy.validate_topic_name import validate_topic_name

from posenet_ros.errors import SettingError
from posenet_ros.messages.topic_names import TopicNames, topics_beside


@dataclass(frozen=True, kw_only=True)
class TopicSettings:
    """Which topics the cameras of a node have; most fields are parameters of the node."""

    image_topics: Sequence[str]
    image_transport: str = 'raw'
    #: One for each image topic, empty for a camera without depth; or none at all.
    depth_topics: Sequence[str] = ()
    #: Whether people are located on the ground, so that every camera has poses_3d.
    ground: bool = False
    #: Whether each person gets a frame on /tf.
    person_frames: bool = False


def named_topics(
    names: Sequence[str],
    *,
    image_transport: str,
    depth_topics: Sequence[str] = (),
    ground: bool = False,
) -> list[TopicNames]:
    """
    Return the names of the topics of the cameras with these image topics, not resolved.

    `depth_topics` has one topic for each image topic, empty for a camera without depth, or is
    empty. With `ground`, people are located without depth, too. Raises SettingError if a name is
    not a valid topic name, or if `depth_topics` has another length.
    """
    depths = list(depth_topics) or [''] * len(names)
    if len(depths) != len(names):
        raise SettingError(
            f'depth_topics has the length {len(depths)}, but image_topics has {len(names)}: name '
            "one depth topic for each image topic, or '' for a camera without depth"
        )
    for name in names:
        _check_valid('image_topics', name)
    for depth in filter(None, depths):
        _check_valid('depth_topics', depth)
    return [
        topics_beside(name, image_transport=image_transport, depth=depth, ground=ground)
        for name, depth in zip(names, depths, strict=True)
    ]


def _check_valid(parameter: str, name: str) -> None:
    try:
        validate_topic_name(name)
    except NameValidationException as error:
        reason = str(error).partition('\n')[0]
        raise SettingError(
            f'{parameter} has {name!r}, which is not a valid topic name: {reason}'
        ) from error
