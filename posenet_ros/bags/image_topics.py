"""Which image topics of a bag are converted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rosbags.interfaces import Connection
from rosbags.serde import SerdeError

from posenet_ros.bags.storage.message_types import IMAGE_TYPES, MessageTypes, RAW_IMAGE
from posenet_ros.bags.storage.recording import Recording
from posenet_ros.errors import BagError
from posenet_ros.messages.topic_names import COMPRESSED_DEPTH, TopicNames, topics_beside
from posenet_ros.quoting import quoted

# Encodings of raw images that are depth images.
_DEPTH_ENCODINGS = ('16UC1', '32FC1')


@dataclass(frozen=True, eq=False)
class BagCamera:
    """A camera in a bag."""

    #: Its image topic as the bag names it, and its outputs as the node names them.
    topic: str
    names: TopicNames
    connections: tuple[Connection, ...]

    @property
    def image_count(self) -> int:
        """Return how many images there are."""
        return sum(connection.msgcount for connection in self.connections)

    @property
    def is_output(self) -> bool:
        """Return whether the image topic has the name of an output that this camera may have."""
        return self.topic in (self.names.poses, self.names.annotations)


@dataclass(frozen=True)
class Choice:
    """The cameras to convert, and lines about image topics that are left out."""

    cameras: tuple[BagCamera, ...]
    notices: tuple[str, ...] = ()


def choose_cameras(recording: Recording, topics: Sequence[str], types: MessageTypes) -> Choice:
    """
    Return the cameras with these image topics, or else one for each namespace with images.

    Raises BagError if a topic is not in the bag, has no images or is an output itself, if two
    topics have the same output, or if there are no images.
    """
    if topics:
        full = dict.fromkeys(f'/{topic.lstrip("/")}' for topic in topics)
        cameras = tuple(_named_camera(recording, topic) for topic in full)
        _check_outputs_differ(cameras)
        return Choice(cameras)
    choice = _choose_all(recording, types)
    if not choice.cameras:
        raise BagError(f'{recording.path} has no images; {_describe_topics(recording)}')
    return choice


def _choose_all(recording: Recording, types: MessageTypes) -> Choice:
    cameras: dict[str, BagCamera] = {}
    notices = []
    for topic in sorted(_image_topics(recording), key=_rank(recording)):
        camera = _camera(recording, topic)
        reason = _unsuitable(recording, camera, types)
        taken = cameras.get(camera.names.poses)
        if not reason and taken:
            reason = (
                f'its poses would be on {camera.names.poses}, like those of {taken.topic}; to '
                f'convert it instead, add --topic {topic}'
            )
        if reason:
            notices.append(f'{recording.path}: {topic} is left out: {reason}')
        else:
            cameras[camera.names.poses] = camera
    return Choice(tuple(cameras.values()), tuple(notices))


def _rank(recording: Recording) -> Callable[[str], tuple[bool, str]]:
    """Return a key for sorting topics: raw images first, as they are exact and not encoded."""
    raw = {one.topic for one in recording.connections if one.msgtype == RAW_IMAGE}
    return lambda topic: (topic not in raw, topic)


def _image_topics(recording: Recording) -> set[str]:
    return {
        one.topic for one in recording.connections if one.msgtype in IMAGE_TYPES and one.msgcount
    }


def _unsuitable(recording: Recording, camera: BagCamera, types: MessageTypes) -> str:
    """Return why the images of a camera are not converted; empty if they are."""
    name = camera.topic.removesuffix('/compressed').rpartition('/')[2]
    if name == 'image_annotated':
        return 'it is an output of posenet_node'
    if camera.topic.endswith(COMPRESSED_DEPTH):
        return 'it has depth'
    if camera.is_output:
        return 'an output for it would have the same name'
    encoding = _first_encoding(recording, camera, types)
    return f'it has depth ({encoding})' if encoding in _DEPTH_ENCODINGS else ''


def _first_encoding(recording: Recording, camera: BagCamera, types: MessageTypes) -> str:
    """Return the encoding of the first raw image of a camera; empty if it cannot be read."""
    try:
        first = next(recording.messages(camera.connections), None)
        if first and first.connection.msgtype == RAW_IMAGE:
            return str(types.read(first).encoding)
    except (BagError, SerdeError):
        pass  # the conversion reports what is wrong with it
    return ''


def _named_camera(recording: Recording, topic: str) -> BagCamera:
    found = sorted({one.msgtype for one in recording.connections if one.topic == topic})
    if not found:
        raise BagError(f'{recording.path} has no {quoted(topic)}; {_describe_topics(recording)}')
    if not set(found) <= set(IMAGE_TYPES):
        raise BagError(
            f'{recording.path}: {topic} has {", ".join(found)}, not images; '
            f'{_describe_topics(recording)}'
        )
    camera = _camera(recording, topic)
    if camera.is_output:
        raise BagError(
            f'{recording.path}: {topic} cannot be converted, because an output for it would have '
            'the same name; record it on a topic with another name, such as image_raw'
        )
    return camera


def _camera(recording: Recording, topic: str) -> BagCamera:
    connections = tuple(one for one in recording.connections if one.topic == topic)
    return BagCamera(topic, topics_beside(topic), connections)


def _describe_topics(recording: Recording) -> str:
    topics = sorted(_image_topics(recording))
    return f'its image topics are {", ".join(topics)}' if topics else 'it has no image topics'


def _check_outputs_differ(cameras: Sequence[BagCamera]) -> None:
    """Raise BagError if two cameras have the same output."""
    outputs: dict[str, str] = {}
    for camera in cameras:
        other = outputs.setdefault(camera.names.poses, camera.topic)
        if other != camera.topic:
            raise BagError(
                f'the poses of {other} and {camera.topic} would both be on {camera.names.poses}; '
                'convert them into two bags'
            )
