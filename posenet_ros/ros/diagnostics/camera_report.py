"""What is known about a camera at the moment of a report."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from posenet_ros.ros.pipeline.snapshot import Snapshot
from posenet_ros.ros.threads.activity import Activity
from posenet_ros.ros.topics.qos_events import IncompatiblePeers


@dataclass(frozen=True, kw_only=True)
class CameraReport:
    """What is known about a camera at the moment of a report."""

    snapshot: Snapshot
    #: The snapshot of the previous report; in the first report, that of the activation.
    previous: Snapshot
    #: Seconds after which a missing image, or missing poses for an image, are reported.
    timeout: float
    #: Why no image arrives, as far as the ROS graph shows.
    silence_cause: str = ''
    incompatible_peers: Sequence[IncompatiblePeers] = ()
    #: The nodes that publish the images, if there are several.
    publishers: Sequence[str] = ()
    #: The activity of the thread that receives the images of all cameras.
    activity: Activity = field(default_factory=Activity)

    @property
    def silence(self) -> float:
        """Return for how many seconds there was certainly no image."""
        return max(0.0, self.snapshot.silence - self.activity.unnoticed)

    @property
    def is_silent(self) -> bool:
        """Whether no image has arrived for the timeout."""
        return self.silence >= self.timeout

    def since_previous(self, count: str) -> int:
        """Return by how much a count of the snapshot has grown since the previous report."""
        before: int = getattr(self.previous, count)
        after: int = getattr(self.snapshot, count)
        return after - before
