"""The names of the frames of people on /tf."""

from collections import Counter
from collections.abc import Sequence

from posenet_ros.messages.topic_names import COMPRESSED

#: Where transforms are published, if it is not remapped.
TF_TOPIC = '/tf'


def person_frame_prefixes(image_topics: Sequence[str]) -> list[str]:
    """
    Return for each camera what the frames of its people start with; the track id follows.

    `image_topics` are the full names of the image topics of all cameras of the node. A single
    camera has `person_`. Of several, each counts its people from 1, so the prefix starts with the
    namespace of the camera: /left/image_raw gives `left_person_`. Cameras without a namespace of
    their own have the whole name of the image topic instead. Prefixes always differ.
    """
    if len(image_topics) == 1:
        return ['person_']
    topics = [topic.removesuffix(COMPRESSED) for topic in image_topics]
    names = [_joined(topic.rpartition('/')[0]) for topic in topics]
    counts = Counter(names)
    prefixes: list[str] = []
    for topic, name in zip(topics, names, strict=True):
        own = name if name and counts[name] == 1 else _joined(topic)
        prefixes.append(_other_than(prefixes, own))
    return prefixes


def _joined(name: str) -> str:
    """Return the parts of a topic's name with underscores between them."""
    return name.strip('/').replace('/', '_')


def _other_than(prefixes: Sequence[str], camera: str) -> str:
    """Return the prefix of a camera, with a number if another camera has the same."""
    prefix, number = f'{camera}_person_', 2
    while prefix in prefixes:
        prefix, number = f'{camera}_{number}_person_', number + 1
    return prefix
