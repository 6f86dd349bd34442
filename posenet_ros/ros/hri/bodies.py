"""The bodies of all cameras, and the topic that lists them."""

from collections.abc import Iterable
import time

from rclpy.node import Node
from std_msgs.msg import Header

from posenet_ros.ros.hri.body import Body
from posenet_ros.ros.hri.body_ids import body_id, BodyIds
from posenet_ros.ros.hri.hri_packages import hri, HRI_QOS


class Bodies:
    """Opens a body when a person appears, and closes it when the person has disappeared."""

    def __init__(self, node: Node, timeout: float) -> None:
        """Keep a body for `timeout` seconds after the person was seen last."""
        self._node = node
        self._ids = BodyIds(timeout)
        self._bodies: dict[str, Body] = {}
        self._tracked = node.create_publisher(hri.IdsList, '/humans/bodies/tracked', HRI_QOS)

    def find(self, camera: str, track_id: int) -> Body | None:
        """Return the body of a person in the images of a camera; None if it is not tracked."""
        return self._bodies.get(body_id(camera, track_id))

    def of_camera(self, camera: str) -> list[Body]:
        """Return all bodies of a camera."""
        return [self._bodies[one] for one in self._ids.of_camera(camera)]

    def update(self, camera: str, track_ids: Iterable[int], header: Header) -> None:
        """Open the bodies of people who are new, close expired ones, and publish the list."""
        now = time.monotonic()
        new = self._ids.update(camera, track_ids, now)
        self._close(self._ids.expire(now))
        self._bodies.update({one: Body(self._node, one) for one in new})
        self._publish(header)

    def expire(self) -> None:
        """Close the bodies of people who were not seen for too long; publish the list if so."""
        self._close_and_publish(self._ids.expire(time.monotonic()))

    def close_all_of(self, camera: str) -> None:
        """Close all bodies of a camera, whose track ids start again; publish the list if so."""
        self._close_and_publish(self._ids.forget_all_of(camera))

    def _close_and_publish(self, ids: list[str]) -> None:
        self._close(ids)
        if ids:
            self._publish(Header(stamp=self._node.get_clock().now().to_msg()))

    def _close(self, ids: list[str]) -> None:
        for one in ids:
            self._bodies.pop(one).close()

    def _publish(self, header: Header) -> None:
        self._tracked.publish(hri.IdsList(header=header, ids=self._ids.tracked))
