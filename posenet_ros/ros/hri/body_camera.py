"""One camera: the bodies in its poses."""

import time

from rclpy.node import Node

from posenet_ros.messages.stamps import stamp_of
from posenet_ros.msg import Pose, PoseArray
from posenet_ros.ros.hri.bodies import Bodies
from posenet_ros.ros.hri.body_frames import BodyFrames
from posenet_ros.ros.hri.recent_images import RecentImages
from posenet_ros.ros.topics.qos import POSES_QOS
from posenet_ros.ros.topics.topic import Topic
from posenet_ros.tracking.image_times import Continuity, ImageTimes


class BodyCamera:
    """Receives the poses of one camera and publishes the bodies in them."""

    def __init__(
        self,
        node: Node,
        poses: Topic,
        letters: str,
        bodies: Bodies,
        *,
        images: RecentImages,
        frames: BodyFrames,
    ) -> None:
        """Subscribe to poses; the ids of the bodies start with these letters."""
        self._letters = letters
        self._bodies = bodies
        self._images = images
        self._frames = frames
        # As in posenet_node, to know when it starts to count people again.
        self._times = ImageTimes()
        self._continuity = Continuity()
        node.create_subscription(PoseArray, poses.given, self._on_poses, POSES_QOS)

    def update_subscriptions(self) -> None:
        """Receive images and poses in metres only while somebody needs them; call repeatedly."""
        self._images.receive(self._cropped_is_wanted())
        self._frames.update_subscription()

    def _on_poses(self, message: PoseArray) -> None:
        if self._ids_start_again(message):
            self._bodies.close_all_of(self._letters)
        poses = {pose.track_id: pose for pose in message.poses if pose.track_id}
        self._bodies.update(self._letters, poses, message.header)
        for track_id, pose in poses.items():
            body = self._bodies.find(self._letters, track_id)
            assert body is not None  # it was opened above
            body.publish(pose, message)
        if self._cropped_is_wanted():
            self._publish_cropped(poses, message)

    def _ids_start_again(self, message: PoseArray) -> bool:
        """Tell whether posenet_node has started to count again, as docs/topics.md says."""
        stamp = self._times.time_of(stamp_of(message.header), time.monotonic())
        return self._continuity.breaks(stamp, (message.image_height, message.image_width))

    def _cropped_is_wanted(self) -> bool:
        return any(body.cropped_has_subscribers for body in self._bodies.of_camera(self._letters))

    def _publish_cropped(self, poses: dict[int, Pose], message: PoseArray) -> None:
        """Publish the parts of the image to which somebody subscribes."""
        pixels = self._images.find(message.header)
        if pixels is None or pixels.shape[:2] != (message.image_height, message.image_width):
            return
        for track_id, pose in poses.items():
            body = self._bodies.find(self._letters, track_id)
            if body is not None and body.cropped_has_subscribers:
                body.publish_cropped(pose, message, pixels)
