"""What is known over time about the people in the images of one camera."""

from collections.abc import Sequence

from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.people import Found, gather
from posenet_ros.tracking.person_tracker import PersonTracker
from posenet_ros.tracking.smoothing import PoseSmoother
from posenet_ros.tracking.tracking_settings import TrackingSettings

# Cameras sometimes send a single wrong stamp. A stamp that is so many seconds farther ahead than
# the time of its reception counts only if the next stamp is not back again: in a recording that is
# played fast, or has a gap, stamps go on from there.
_AHEAD = 60.0


class TrackedCamera:
    """
    Gives the people in the images of one camera their ids, and smooths their keypoints on demand.

    Not for use in several threads at once.
    """

    def __init__(self) -> None:
        """Know nobody."""
        self._tracker = PersonTracker()
        # While images are smoothed.
        self._smoother: PoseSmoother | None = None
        # Of the newest image.
        self._stamp = 0.0
        self._received: float | None = None
        self._own_stamp: float | None = None
        # A stamp that was so far ahead that the next one must confirm it.
        self._doubted: float | None = None
        self._image_size: Size = (0, 0)
        self._settings = TrackingSettings()
        self._poses: list[Pose] = []
        self._found: Found | None = None
        self._was_smoothed = False

    def track(
        self,
        poses: Sequence[Pose],
        *,
        stamp: float | None,
        received: float,
        image_size: Size,
        settings: TrackingSettings,
    ) -> list[Pose]:
        """
        Return the poses in an image, in the same order, with their track ids.

        `stamp` is when the image was taken, and `received` is when it was received, on a monotonic
        clock; both in seconds. Without a stamp, or with the same stamp as the previous image, the
        image counts as taken as long after the previous one as it was received after it, and so
        does the first image whose stamp is more than a minute farther ahead than its reception. So
        single images without a stamp, or with a wrong one, do not disturb the others.
        `image_size` is (height, width).
        """
        if not self._was_smoothed:
            # The filters know the images up to the last smoothed one only, and not whether ids
            # began again at 1 since then.
            self._smoother = None
        self._was_smoothed = False
        self._stamp = self._time_of(stamp, received)
        self._image_size, self._settings = image_size, settings
        self._found = gather(poses) if settings.tracking else None
        self._poses = self._tracker.update(
            poses,
            stamp=self._stamp,
            image_size=image_size,
            settings=settings,
            found=self._found,
        )
        return self._poses

    def forget(self, poses: Sequence[Pose]) -> None:
        """
        Forget everybody, as after an error; no id is given twice.

        `poses` are those of the newest image, without ids. `smooth` returns them as they are.
        """
        self._tracker.forget()
        self._smoother = None
        self._poses, self._found = list(poses), None

    def smooth(self) -> list[Pose]:
        """
        Return the poses that `track` returned for the newest image, with smoothed keypoints.

        It need not be called for every image: after an image without it, all filters start anew.
        """
        if self._smoother is None:
            self._smoother = PoseSmoother()
        smoothed = self._smoother.update(
            self._poses,
            stamp=self._stamp,
            image_size=self._image_size,
            settings=self._settings,
            found=self._found,
        )
        self._was_smoothed = True
        return smoothed

    def _time_of(self, stamp: float | None, received: float) -> float:
        """Return when an image was taken, in seconds."""
        previous, self._received = self._received, received
        before, self._own_stamp = self._own_stamp, stamp
        doubted, self._doubted = self._doubted, None
        if previous is None:
            return self._stamp if stamp is None else stamp
        expected = self._stamp + received - previous
        if stamp is None or stamp == before:
            return expected
        if stamp > expected + _AHEAD and (doubted is None or stamp < doubted):
            self._doubted = stamp
            return expected
        return stamp
