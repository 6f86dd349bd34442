"""
The node that publishes people as ROS4HRI (REP 155) has them.

It is a node of its own, beside posenet_node: it needs the images again to cut people out, follows
the poses of several cameras, and opens and closes topics whenever people come and go. None of that
should delay poses, and those who do not use ROS4HRI should not pay for it.
"""

from dataclasses import dataclass
from typing import Any

from rclpy.clock import Clock

from posenet_ros.ros.callbacks.guarded_node import GuardedNode
from posenet_ros.ros.conversions.transforms import TF_TYPE
from posenet_ros.ros.hri.bodies import Bodies
from posenet_ros.ros.hri.body_camera import BodyCamera
from posenet_ros.ros.hri.body_frames import BodyFrames
from posenet_ros.ros.hri.body_ids import camera_letters
from posenet_ros.ros.hri.hri_packages import check_hri_packages
from posenet_ros.ros.hri.recent_images import RecentImages
from posenet_ros.ros.parameters.declaration import declare_settings
from posenet_ros.ros.parameters.parameter_mistakes import warn_of_mistakes, warn_of_qos_mistakes
from posenet_ros.ros.rclpy_release import ClockType
from posenet_ros.ros.topics.camera_topics import camera_topics, CameraTopics
from posenet_ros.ros.topics.given_topics import TopicSettings
from posenet_ros.ros.topics.person_frames import TF_TOPIC
from posenet_ros.ros.topics.qos import TF_QOS
from posenet_ros.settings import Group, max_image_pixels_setting, setting

# Seconds between two checks whether somebody has disappeared, or subscribes.
_PERIOD = 0.1


@dataclass(frozen=True, kw_only=True)
class BodySettings(Group):
    """Whose poses the node follows, and for how long it keeps a body."""

    image_topics: list[str] = setting(
        ['image_raw'],
        'The image_topics of posenet_node: the node follows poses and poses_3d in the same '
        'namespaces. The ids of the bodies of the first camera start with a, those of the second '
        'with b, and so on.',
    )
    image_transport: str = setting(
        'raw',
        'The image_transport of posenet_node.',
        choices=('raw', 'compressed'),
    )
    body_timeout: float = setting(
        1.0,
        'Seconds after which a person who is not found any more is not tracked any more, and the '
        'topics of the body vanish. The default is that of track_max_age.',
        minimum=0.0,
        maximum=60.0,
    )
    max_image_pixels: int = max_image_pixels_setting()

    @property
    def topics(self) -> TopicSettings:
        """Return the settings of topics; the frames of bodies need poses_3d of every camera."""
        return TopicSettings(
            image_topics=self.image_topics, image_transport=self.image_transport, ground=True
        )


class HriBodies(GuardedNode):
    """Publishes /humans/bodies and the frames of bodies, from the poses of posenet_node."""

    def __init__(self, **options: Any) -> None:
        """
        Subscribe to the poses.

        Raises MissingDependencyError if hri_msgs is not installed, and SettingError if a parameter
        is refused.
        """
        super().__init__('hri_bodies', **options)
        check_hri_packages()
        warn_of_mistakes(self, BodySettings)
        settings = declare_settings(self, BodySettings)
        self._bodies = Bodies(self, settings.body_timeout)
        self._frames = self.create_publisher(TF_TYPE, TF_TOPIC, TF_QOS)
        topics = camera_topics(self, settings.topics)
        self._cameras = [self._camera(one, index, settings) for index, one in enumerate(topics)]
        warn_of_qos_mistakes(self, [])
        # A steady clock: people disappear while simulated time stands still, too.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_PERIOD, self._update, clock=steady)
        names = ', '.join(one.poses.resolved for one in topics)
        self.get_logger().info(f'{names} -> /humans/bodies')

    def _camera(self, topics: CameraTopics, index: int, settings: BodySettings) -> BodyCamera:
        letters = camera_letters(index)
        assert topics.poses_3d is not None
        return BodyCamera(
            self,
            topics.poses,
            letters,
            self._bodies,
            images=RecentImages(self, topics, max_pixels=settings.max_image_pixels),
            frames=BodyFrames(
                self, topics.poses_3d, letters, self._bodies, publisher=self._frames
            ),
        )

    def _update(self) -> None:
        self._bodies.expire()
        for camera in self._cameras:
            camera.update_subscriptions()
