"""A node that publishes an image, a video or a webcam, for users without a camera driver."""

from dataclasses import dataclass
from typing import Any

from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.errors import SettingError
from posenet_ros.frame_sources import open_source
from posenet_ros.ros.callbacks.guarded_node import GuardedNode
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.parameters.declaration import declare_settings
from posenet_ros.ros.parameters.parameter_mistakes import warn_of_mistakes, warn_of_qos_mistakes
from posenet_ros.settings import Group, max_image_pixels_setting, setting

# A reliable publisher is compatible with reliable and with best-effort subscribers.
_QOS = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)


@dataclass(frozen=True, kw_only=True)
class SourceSettings(Group):
    """Which images the node publishes, and how."""

    source: str = setting(
        '',
        'Path of an image or a video, or number or device file of a webcam, such as 0 or '
        '/dev/video0. Required.',
    )
    rate: float = setting(30.0, 'Images per second.', minimum=0.1, maximum=1000.0)
    loop: bool = setting(
        True, 'Repeat a video when it ends. If false, the node exits at the end of the video.'
    )
    frame_id: str = setting('camera', 'frame_id of the images: the optical frame of the camera.')
    max_image_pixels: int = max_image_pixels_setting()


class ImageSource(GuardedNode):
    """Publishes `image_raw` in rgb8, stamped by the node's clock."""

    def __init__(self, **options: Any) -> None:
        """Open the source and start; raises SettingError or ImageError if it cannot be opened."""
        super().__init__('image_source', **options)
        warn_of_mistakes(self, SourceSettings)
        settings = declare_settings(self, SourceSettings)
        if not settings.source:
            raise SettingError(
                'source is empty: set it to the path of an image or a video, or the number of a '
                'webcam, for example: --ros-args -p source:=/path/to/video.mp4'
            )
        self._frame_id = settings.frame_id
        self._frames = open_source(
            settings.source, loop=settings.loop, max_pixels=settings.max_image_pixels
        )
        self._publisher = self.create_publisher(Image, 'image_raw', _QOS)
        warn_of_qos_mistakes(self, [])
        self.create_timer(1 / settings.rate, self._publish_next)
        self.get_logger().info(f'{settings.source} -> {self._publisher.topic_name}')

    def _publish_next(self) -> None:
        image = next(self._frames, None)
        if image is None:
            self.get_logger().info('reached the end of the video')
            self.context.try_shutdown()
            return
        stamp = self.get_clock().now().to_msg()
        self._publisher.publish(to_image(image, Header(stamp=stamp, frame_id=self._frame_id)))
