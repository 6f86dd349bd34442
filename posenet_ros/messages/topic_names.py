"""The names of a camera's topics, and whether they conflict."""

from collections.abc import Sequence
from dataclasses import dataclass

from posenet_ros.errors import SettingError

#: What image_transport appends to the name of an image topic for its compressed form.
COMPRESSED = '/compressed'

#: The same for depth images.
COMPRESSED_DEPTH = '/compressedDepth'


@dataclass(frozen=True)
class TopicNames:
    """The names of one camera's topics, before or after the node resolves and remaps them."""

    #: Of type sensor_msgs/CompressedImage if `compressed`, else sensor_msgs/Image.
    image: str
    camera_info: str
    poses: str
    poses_smoothed: str
    #: Empty if people are not located in metres.
    poses_3d: str
    pose_markers: str
    image_annotated: str
    image_annotated_compressed: str
    #: Not published if foxglove_msgs is not installed.
    annotations: str
    compressed: bool
    #: Empty if the camera has no depth.
    depth: str = ''

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of the topics that the node publishes."""
        return (
            self.poses,
            self.poses_smoothed,
            *([self.poses_3d] if self.poses_3d else []),
            self.pose_markers,
            self.image_annotated,
            self.image_annotated_compressed,
            self.annotations,
        )

    @property
    def rectified(self) -> bool:
        """Return whether the images are rectified: image_proc names such topics image_rect*."""
        name = self.image.removesuffix(COMPRESSED).rpartition('/')[2]
        return name.startswith('image_rect')


def topics_beside(
    image_topic: str, *, image_transport: str = 'raw', depth: str = '', ground: bool = False
) -> TopicNames:
    """
    Return the names of a camera's topics: all but depth are in the namespace of its image topic.

    The images are compressed if image_transport is `compressed`, or if the name of the image topic
    ends in /compressed. If it does not, /compressed is appended. The names of the other topics do
    not depend on this.
    """
    base = image_topic.removesuffix(COMPRESSED)
    compressed = image_transport == 'compressed' or base != image_topic
    namespace, slash, _ = base.rpartition('/')
    beside = f'{namespace}{slash}'
    return TopicNames(
        image=base + COMPRESSED if compressed else base,
        camera_info=f'{beside}camera_info',
        poses=f'{beside}poses',
        poses_smoothed=f'{beside}poses_smoothed',
        poses_3d=f'{beside}poses_3d' if depth or ground else '',
        pose_markers=f'{beside}pose_markers',
        image_annotated=f'{beside}image_annotated',
        image_annotated_compressed=f'{beside}image_annotated{COMPRESSED}',
        annotations=f'{beside}annotations',
        compressed=compressed,
        depth=depth,
    )


def check_topics_differ(resolved: Sequence[tuple[TopicNames, TopicNames]]) -> None:
    """
    Check the topics of all cameras, given as pairs (not resolved, resolved).

    Raises SettingError if there is no camera, if two cameras would publish to the same topic, if
    the node would subscribe to a topic that it publishes, or if depth is on the image topic.
    """
    if not resolved:
        raise SettingError('image_topics is empty: name at least one image topic')
    cameras: dict[str, str] = {}
    for named, topics in resolved:
        for output in dict.fromkeys(topics.outputs):
            if output in cameras:
                raise SettingError(
                    f'image_topics {cameras[output]!r} and {named.image!r} would both publish '
                    f'{output}; give each camera its own namespace, or remap the outputs of one'
                )
            cameras[output] = named.image
    outputs = {output for _, topics in resolved for output in topics.outputs}
    for named, topics in resolved:
        if topics.image in outputs:
            raise SettingError(
                f'image_topics has {named.image!r}, which this node publishes itself: name the '
                'topic of a camera'
            )
        if topics.depth in {*outputs, topics.image}:
            raise SettingError(
                f'depth_topics has {named.depth!r}, which is an image topic or published by this '
                'node itself: name the depth topic of a camera'
            )
