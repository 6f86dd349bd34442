"""People in the images of a video, with their ids: the entry point of the library for videos."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.attention.observation import CameraImage, ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.person_tracker import PersonTracker
from posenet_ros.tracking.tracking_settings import TrackingSettings


class PersonFollower:
    """
    Finds the people in the images of one video, and follows them from image to image.

    Not for use in several threads at once. With the same images, poses and ids are those that the
    node publishes if it processes every image.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        *,
        attention: AttentionSettings | None = None,
        tracking: TrackingSettings | None = None,
    ) -> None:
        """Use the network and the pose settings of an estimator; others have defaults."""
        self._estimator = estimator
        self._settings = ObservationSettings(
            estimator.settings, attention or AttentionSettings(), tracking or TrackingSettings()
        )
        self._observer = Observer(estimator)
        self._attention = CameraAttention()
        self._tracker = PersonTracker(self._settings.tracking)
        self._image_size: Size | None = None

    def follow(self, image: NDArray[np.uint8], *, time: float) -> list[Pose]:
        """
        Return the people in the next image, in its pixels, with their track ids.

        `image` is uint8 RGB [height, width, 3]. `time` is when it was taken, in seconds from any
        moment; it must not decrease. An id is 0 until a person was found in `track_min_hits`
        images. If the size of the images changes, ids start again at 1. Raises what
        `PoseEstimator.estimate` raises.
        """
        size = image.shape[0], image.shape[1]
        if self._settings.attention.attention == 'closer_look':
            taken = CameraImage(image, self._attention, stamp=time, received=time)
            poses = self._observer.observe([taken], self._settings)[0].poses
        else:
            poses = self._estimator.estimate(image)
        self._image_size = size
        return self._tracker.update(poses, stamp=time, image_size=size)

    def skip(self, *, time: float) -> None:
        """Count an image that could not be read as one without people."""
        if self._image_size is not None:
            self._tracker.update([], stamp=time, image_size=self._image_size)
