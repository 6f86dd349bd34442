"""The people in the images of one camera of a bag, as the node finds and tracks them."""

from collections.abc import Sequence
from typing import Any

from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.attention.observation import CameraImage, ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.bags.bag_image import BagImage
from posenet_ros.bags.outcome import Outcome
from posenet_ros.errors import ImageError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.tracked_camera import TrackedCamera


class CameraPeople:
    """
    Finds and tracks the people in the images of one camera, in order.

    After `recall` of some outcomes, it is in the same state as after `find` of their images.
    """

    def __init__(
        self, estimator: PoseEstimator, observer: Observer, settings: ObservationSettings
    ) -> None:
        """Use a network, also that of the observer, with these settings."""
        self._estimator = estimator
        self._observer = observer
        self._settings = settings
        self._attention = CameraAttention()
        self._tracked = TrackedCamera()

    def find(self, image: BagImage) -> Outcome:
        """
        Return what the network finds in an image with pixels.

        Raises what `PoseEstimator.estimate` raises, except ImageError: then the outcome says why.
        """
        try:
            return self._find(image)
        except ImageError as error:  # one bad image must not end the conversion
            return _outcome(image, refusal=str(error))

    def recall(self, image: BagImage, outcome: Outcome) -> None:
        """Note what the network found in an image in an earlier run."""
        if outcome.size is None or not self._attentive:
            return  # it could not be read, or the images before do not matter
        if outcome.refusal:
            self._attention.forget()  # as the observer does
            return
        self._attention.expect(
            stamp=image.stamp,
            received=image.received,
            image_size=outcome.size,
            settings=self._settings.attention,
            tracking=self._settings.tracking,
        )
        self._attention.note(
            outcome.poses,
            searched=outcome.searched,
            looked_at=outcome.looked_at,
            left_out=outcome.left_out,
        )

    def track(self, image: BagImage, poses: list[Pose], size: Size) -> list[Pose]:
        """
        Return the poses in an image of (height, width) with their track ids.

        After an exception, people get new ids.
        """
        try:
            return self._tracked.track(
                poses,
                stamp=image.stamp,
                received=image.received,
                image_size=size,
                settings=self._settings.tracking,
            )
        except Exception:
            self._tracked.forget(poses)
            raise

    @property
    def _attentive(self) -> bool:
        return self._settings.attention.attention == 'closer_look'

    def _find(self, image: BagImage) -> Outcome:
        assert image.pixels is not None
        if not self._attentive:
            return _outcome(image, self._estimator.estimate(image.pixels, self._settings.poses))
        taken = CameraImage(
            image.pixels, self._attention, stamp=image.stamp, received=image.received
        )
        (found,) = self._observer.observe([taken], self._settings)
        return _outcome(
            image,
            found.poses,
            searched=found.work.searched,
            # Those who had a closer look matter only if somebody waits for one.
            looked_at=found.looked_at if found.left_out else [],
            left_out=found.left_out,
        )


def _outcome(image: BagImage, poses: Sequence[Pose] = (), **others: Any) -> Outcome:
    """Return the outcome of an image with pixels."""
    assert image.pixels is not None
    size = image.pixels.shape[0], image.pixels.shape[1]
    return Outcome(topic=image.topic, time=image.time, size=size, poses=list(poses), **others)
