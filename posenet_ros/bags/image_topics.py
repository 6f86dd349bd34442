"""Which image topics of a bag are converted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rosbags.interfaces import Connection

from posenet_ros.bags.storage.message_types import IMAGE_TYPES, MessageTypes, RAW_IMAGE
from posenet_ros.bags.storage.recording import Recording
from posenet_ros.errors import BagError
from posenet_ros.messages.topic_names import COMPRESSED_DEPTH, TopicNames, topics_beside
from posenet_ros.quoting import quoted

# Of raw images that the node takes for depth.
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


@dataclass(frozen=True)
class Choice:
    """The cameras to convert, and lines about image topics that are left out."""

    cameras: tuple[BagCamera, ...]
    notices: tuple[str, ...] = ()


def choose_cameras(recording: Recording, topics: Sequence[str], types: MessageTypes) -> Choice:
    """
    Return the cameras with these image topics, or else one for each namespace with images.

    Raises BagError if a topic is not in the bag or has no images, if two topics have the same
    output, or if there are no images.
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
    """Return the order in which topics are taken: raw images are exact, and need no decoding."""
    raw = {one.topic for one in recording.connections if one.msgtype == RAW_IMAGE}
    return lambda topic: (topic not in raw, topic)


def _image_topics(recording: Recording) -> set[str]:
    return {
        one.topic for one in recording.connections if one.msgtype in IMAGE_TYPES and one.msgcount
    }


def _unsuitable(recording: Recording, camera: BagCamera, types: MessageTypes) -> str:
    """Return why the images of a camera need no conversion; empty if they do."""
    name = camera.topic.removesuffix('/compressed').rpartition('/')[2]
    if name == 'image_annotated':
        return 'it is an output of posenet_node'
    if camera.topic.endswith(COMPRESSED_DEPTH):
        return 'it has depth'
    first = next(recording.messages(camera.connections))
    if first.connection.msgtype == RAW_IMAGE:
        encoding = getattr(types.read(first), 'encoding', '')
        if encoding in _DEPTH_ENCODINGS:
            return f'it has depth ({encoding})'
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
    return _camera(recording, topic)


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
