"""The settings of posenet_node as a ROS node."""

from dataclasses import dataclass

from posenet_ros.ros.pipeline.spatial.spatial_threads import SpatialSettings
from posenet_ros.ros.topics.given_topics import TopicSettings
from posenet_ros.settings import Group, setting


@dataclass(frozen=True, kw_only=True)
class NodeSettings(Group):
    """Which topics the node uses, and when it processes images."""

    image_topics: list[str] = setting(
        ['image_raw'],
        'Image topics, one per camera, each in a namespace of its own. The node publishes poses, '
        'poses_smoothed, image_annotated and pose_markers in the same namespace.',
    )
    image_transport: str = setting(
        'raw',
        'Transport of the images. With compressed, the node appends /compressed to each image '
        'topic. A topic whose name ends in /compressed is always compressed.',
        choices=('raw', 'compressed'),
    )
    depth_topics: list[str] = setting(
        [],
        'Topics of depth images registered to the images, one for each image topic in the same '
        "order, or '' for a camera without depth: 16UC1 in millimetres or 32FC1 in metres. The "
        'images of a topic whose name ends in /compressedDepth are compressed. With depth, the '
        'node publishes poses_3d. No topic is used by convention: without depth topics, the node '
        'does nothing for depth.',
    )
    depth_max_time_difference: float = setting(
        0.0167,
        'Maximum difference in seconds between the stamps of an image and its depth image, and '
        'maximum time that poses_3d waits for a depth image after poses. The default is half a '
        'period at 30 Hz.',
        minimum=0.0,
        maximum=0.5,
    )
    ground_frame: str = setting(
        '',
        'Frame whose plane z = 0 is the ground, such as map or base_footprint. People without '
        'known depth are then located where they stand: poses_3d has that point as body. It needs '
        'tf2_ros, and transforms from the frame of the images. If empty, the ground is not used.',
    )
    person_frames: bool = setting(
        False,
        'Publish a frame on /tf for each person with an id: person_<track_id>, or with several '
        "cameras <namespace of the image topic>_person_<track_id>, at the person's body in "
        'poses_3d, with the axes of the frame of the images. It needs tf2_msgs, and depth_topics '
        'or ground_frame.',
    )
    max_batch_size: int = setting(
        1,
        'Maximum number of images, from different cameras and of the same size, that the network '
        'processes in one run; with closer_look, also of regions. More than 1 is meant for GPUs, '
        'and slower on a CPU.',
        minimum=1,
        maximum=16,
    )
    image_timeout: float = setting(
        5.0,
        'Seconds without an image after which a camera is reported as silent.',
        minimum=0.1,
        maximum=3600.0,
    )
    autostart: bool = setting(
        True,
        'Configure and activate the node when it starts. If false, it waits for lifecycle '
        'transitions.',
    )
    transition_listener_timeout: float = setting(
        0.0,
        'Maximum number of seconds that autostart waits for a subscriber of ~/transition_event, '
        'such as LifecycleNode of launch, so that it receives every transition.',
        minimum=0.0,
        maximum=60.0,
    )
    lazy: bool = setting(True, 'Do not process images while nobody subscribes to any output.')

    @property
    def topics(self) -> TopicSettings:
        """Return the settings of the topics of all cameras."""
        return TopicSettings(
            image_topics=self.image_topics,
            image_transport=self.image_transport,
            depth_topics=self.depth_topics,
            ground=bool(self.ground_frame),
            person_frames=self.person_frames,
        )

    @property
    def spatial(self) -> SpatialSettings:
        """Return the settings for positions in metres."""
        return SpatialSettings(self.depth_max_time_difference, self.ground_frame)
