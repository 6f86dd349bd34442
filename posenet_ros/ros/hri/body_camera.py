"""One camera: the bodies in its poses."""

from collections.abc import Callable
from typing import Any

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
import numpy as np
from rclpy.node import Node

from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.msg import Pose, Pose3D, Pose3DArray, PoseArray
from posenet_ros.ros.hri.bodies import Bodies
from posenet_ros.ros.hri.body_ids import body_id
from posenet_ros.ros.hri.hri_packages import TF_TYPE
from posenet_ros.ros.hri.recent_images import RecentImages
from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.qos import POSES_QOS
from posenet_ros.spatial.body_frame import body_frame

# Nanoseconds by which a stamp may be older than the newest one; posenet_node lets ids start again
# from this jump on.
_MAX_JUMP_BACK = 200_000_000


class BodyCamera:
    """Receives the poses of one camera and publishes the bodies in them."""

    def __init__(
        self,
        node: Node,
        topics: CameraTopics,
        letters: str,
        bodies: Bodies,
        *,
        images: RecentImages,
        publish_frames: Callable[[Any], None],
    ) -> None:
        """Subscribe; the ids of the bodies start with these letters."""
        self._letters = letters
        self._bodies = bodies
        self._images = images
        self._publish_frames = publish_frames
        self._newest = 0
        self._size = 0, 0
        node.create_subscription(PoseArray, topics.poses.given, self._on_poses, POSES_QOS)
        if topics.poses_3d is not None:
            node.create_subscription(
                Pose3DArray, topics.poses_3d.given, self._on_positions, POSES_QOS
            )

    def _on_poses(self, message: PoseArray) -> None:
        if self._ids_start_again(message):
            self._bodies.end_all_of(self._letters)
        poses = {pose.track_id: pose for pose in message.poses if pose.track_id}
        self._bodies.see(self._letters, poses, message.header)
        for track_id, pose in poses.items():
            body = self._bodies.find(self._letters, track_id)
            assert body is not None  # it was seen just now
            body.publish(pose, message)
        self._publish_cropped(poses, message)

    def _publish_cropped(self, poses: dict[int, Pose], message: PoseArray) -> None:
        """Publish the parts of the image to which somebody subscribes."""
        wanted = any(
            body.cropped_has_subscribers for body in self._bodies.of_camera(self._letters)
        )
        self._images.receive(wanted)
        pixels = self._images.find(message.header) if wanted else None
        if pixels is None or pixels.shape[:2] != (message.image_height, message.image_width):
            return
        for track_id, pose in poses.items():
            body = self._bodies.find(self._letters, track_id)
            if body is not None and body.cropped_has_subscribers:
                body.publish_cropped(pose, message, pixels)

    def _ids_start_again(self, message: PoseArray) -> bool:
        """Tell whether posenet_node has started to count again, as docs/topics.md says."""
        stamp, size = nanoseconds_of(message.header), (message.image_width, message.image_height)
        jumped = 0 < stamp < self._newest - _MAX_JUMP_BACK
        resized = size != self._size
        self._newest = stamp if jumped else max(stamp, self._newest)
        self._size = size
        return jumped or resized

    def _on_positions(self, message: Pose3DArray) -> None:
        transforms = [
            self._transform(pose, message)
            for pose in message.poses
            if pose.track_id and self._bodies.find(self._letters, pose.track_id) is not None
        ]
        known = [transform for transform in transforms if transform is not None]
        if known:
            self._publish_frames(TF_TYPE(transforms=known))

    def _transform(self, pose: Pose3D, message: Pose3DArray) -> TransformStamped | None:
        """Return the frame of a body in the optical frame of the camera; None if not known."""
        places = [one.position for one in pose.keypoints]
        frame = body_frame(np.array([(place.x, place.y, place.z) for place in places]))
        if frame is None:
            return None
        x, y, z = frame.origin.tolist()
        qx, qy, qz, qw = frame.rotation
        return TransformStamped(
            header=message.header,
            child_frame_id=f'body_{body_id(self._letters, pose.track_id)}',
            transform=Transform(
                translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)
            ),
        )
