"""The frames of the bodies of one camera, on /tf."""

from geometry_msgs.msg import TransformStamped
import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.subscription import Subscription

from posenet_ros.msg import Pose3D, Pose3DArray
from posenet_ros.ros.conversions.transforms import is_usable_by_tf2, TF_TYPE, to_transform
from posenet_ros.ros.hri.bodies import Bodies
from posenet_ros.ros.hri.body_ids import body_id
from posenet_ros.ros.topics.qos import POSES_QOS
from posenet_ros.ros.topics.topic import Topic
from posenet_ros.spatial.body_frame import body_frame


class BodyFrames:
    """Receives the poses in metres of one camera, and publishes the frames of its bodies."""

    def __init__(
        self, node: Node, poses_3d: Topic, letters: str, bodies: Bodies, *, publisher: Publisher
    ) -> None:
        """Publish with `publisher`; the ids of the bodies start with these letters."""
        self._node = node
        self._poses_3d = poses_3d
        self._letters = letters
        self._bodies = bodies
        self._publisher = publisher
        self._subscription: Subscription | None = None

    def update_subscription(self) -> None:
        """Receive poses in metres only while somebody subscribes to frames."""
        wanted = self._publisher.get_subscription_count() > 0
        if wanted and self._subscription is None:
            self._subscription = self._node.create_subscription(
                Pose3DArray, self._poses_3d.given, self._on_poses, POSES_QOS
            )
        elif not wanted and self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def _on_poses(self, message: Pose3DArray) -> None:
        transforms = self._transforms(message) if is_usable_by_tf2(message.header) else []
        if transforms:
            self._publisher.publish(TF_TYPE(transforms=transforms))

    def _transforms(self, message: Pose3DArray) -> list[TransformStamped]:
        """Return the frames of the bodies in the optical frame of the camera, if known."""
        found = [
            self._transform(pose, message)
            for pose in message.poses
            if pose.track_id and self._bodies.find(self._letters, pose.track_id) is not None
        ]
        return [transform for transform in found if transform is not None]

    def _transform(self, pose: Pose3D, message: Pose3DArray) -> TransformStamped | None:
        places = [one.position for one in pose.keypoints]
        frame = body_frame(np.array([(place.x, place.y, place.z) for place in places]))
        if frame is None:
            return None
        return to_transform(
            message.header,
            f'body_{body_id(self._letters, pose.track_id)}',
            origin=frame.origin.tolist(),
            rotation=frame.rotation,
        )
