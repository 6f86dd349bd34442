"""
Where to look in the next image of a camera.

A search, which is a look at the whole image, costs more than a look at the region of one person.
So the network searches an image only

- if it is the first one, or the first one after a break in time or of another size;
- if the last search was `search_interval` ago;
- if somebody was not found in the image before, who may be elsewhere;
- if there are more people than `max_regions`: those who get no closer look in this image are
  then at least found by the search.

In the other images, it looks only where the tracker expects the known people. Somebody who should
have left the image by now is not looked for, and thus counts as not found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from posenet_ros.attention.turns import Turns
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.people_arrays import gather
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.image_times import Continuity, ImageTimes
from posenet_ros.tracking.person_tracker import PersonTracker
from posenet_ros.tracking.tracking_settings import TrackingSettings


@dataclass(frozen=True)
class Expectation:
    """What is expected in an image before the network sees it."""

    #: Whether the network must search the whole image.
    search: bool
    #: Where the known people should be, in pixels of the image.
    people: list[Pose]


class CameraAttention:
    """
    Follows the people in the images of one camera, to know where to look.

    It has a tracker of its own: the next image is inferred while another thread publishes this
    one, so where to look must not depend on how far that thread is. Not for use in several threads
    at once.
    """

    def __init__(self) -> None:
        """Expect nobody, and a search in the first image."""
        self._times = ImageTimes()
        self._continuity = Continuity()
        # Of the newest image.
        self._time = 0.0
        self._image_size: Size = (0, 0)
        self._lost_somebody = False
        self._tracker = PersonTracker()
        # When the newest searched image was taken; None before.
        self._searched: float | None = None
        #: Who gets a closer look if there are too many people.
        self.turns = Turns()

    def expect(
        self,
        *,
        stamp: float | None,
        received: float,
        image_size: Size,
        settings: AttentionSettings,
        tracking: TrackingSettings,
    ) -> Expectation:
        """
        Return what is expected in the next image; `note` must be called with what was found.

        `stamp` and `received` are the times of the image in seconds (see `ImageTimes`), and
        `image_size` is (height, width). People are expected for as long as they keep their ids
        with the settings `tracking`, even if these switch ids off.
        """
        self._time, self._image_size = self._times.time_of(stamp, received), image_size
        if self._continuity.breaks(self._time, image_size):
            self.forget()
        if not tracking.tracking:
            tracking = replace(tracking, tracking=True)
        self._tracker.settings = tracking
        people = _inside(self._tracker.expected(self._time), image_size)
        search = (
            self._searched is None
            or self._time - self._searched >= settings.search_interval
            or self._lost_somebody
            or len(people) > settings.max_regions
        )
        return Expectation(search, people)

    def note(
        self,
        poses: Sequence[Pose],
        *,
        searched: bool,
        looked_at: Sequence[Pose] = (),
        left_out: Sequence[Pose] = (),
    ) -> None:
        """
        Note the poses in the image, in its pixels, and whether the network searched it.

        `looked_at` are the people as they were before their closer look, and `left_out` are those
        who got none, in order.
        """
        self.turns.note(looked_at=looked_at, left_out=left_out)
        if searched:
            self._searched = self._time
        present = self._tracker.present
        self._tracker.update(poses, stamp=self._time, image_size=self._image_size)
        self._lost_somebody = not searched and any(track.missed for track in present)

    def forget(self) -> None:
        """Expect nobody, and a search in the next image."""
        self._tracker, self._searched, self.turns = PersonTracker(), None, Turns()


def _inside(people: list[Pose], image_size: Size) -> list[Pose]:
    """Return those people who are expected inside of the image, at least partly."""
    height, width = image_size
    (left, top), (right, bottom) = gather(people).boxes
    inside = (right > 0) & (left < width) & (bottom > 0) & (top < height)
    return [pose for pose, is_inside in zip(people, inside.tolist(), strict=True) if is_inside]
