"""
The people in the images of cameras, with a closer look at each of them.

An image passes through the steps of `estimation/closer_look.py`. What the attention of its camera
knows about the people in earlier images decides whether it is searched, and where to look closer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from posenet_ros.attention.camera_attention import Expectation
from posenet_ros.attention.observation import (
    CameraImage,
    Observation,
    ObservationSettings,
    Work,
)
from posenet_ros.estimation.closer_look import CloserLook, Searched
from posenet_ros.estimation.combination import combine
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.people_arrays import gather
from posenet_ros.estimation.person_regions import Person, Plan, PlannedLook
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

# Somebody found in the whole image is the one who was expected if they are at least as similar.
_SAME = 0.3
# The least mean keypoint score of somebody who was not expected in a region. The next search finds
# everybody who is really there, and things beside a person, such as a tripod, look like somebody
# for single images: with 0.2, as for single images, a picture that is repeated has up to three
# people too many, and with 0.5 none.
_MIN_UNEXPECTED = 0.5


class Observer:
    """Finds the people in the images of cameras."""

    def __init__(self, estimator: PoseEstimator, *, max_batch_size: int = 1) -> None:
        """Use the network of an estimator, with up to `max_batch_size` regions in one run."""
        self._estimator = estimator
        self._closer_look = CloserLook(estimator, max_batch_size=max_batch_size)

    def observe(
        self, images: Sequence[CameraImage], settings: ObservationSettings
    ) -> list[Observation]:
        """
        Return the people in images of one size, each from a different camera.

        The same images in the same order give the same poses. Raises what `PoseEstimator.infer`
        raises. After an exception, nobody is expected, and the next images are searched.
        """
        try:
            return self._observe(images, settings)
        except BaseException:
            for image in images:  # it may have noted half of the image
                image.attention.forget()
            raise

    def _observe(
        self, images: Sequence[CameraImage], settings: ObservationSettings
    ) -> list[Observation]:
        views = [_View(image, _expect(image, settings)) for image in images]
        self._search([view for view in views if view.expectation.search], settings)
        for view in views:
            people = view.order_people()
            view.set_plan(self._closer_look.plan(people, settings.attention, view.searched))
        self._look(views, settings)
        input_size = self._estimator.frame(images[0].size, settings.poses).input_size
        return [view.conclude(settings.poses, input_size) for view in views]

    def _search(self, views: Sequence['_View'], settings: ObservationSettings) -> None:
        """Find people in whole images."""
        images = [view.image.pixels for view in views]
        found = self._closer_look.search(images, settings.poses, settings.attention)
        for view, searched in zip(views, found, strict=True):
            view.searched = searched

    def _look(self, views: Sequence['_View'], settings: ObservationSettings) -> None:
        """Find people in all regions of all images."""
        regions = [(view.image.pixels, look.region) for view in views for look in view.looks]
        found = iter(self._closer_look.look(regions, settings.poses, settings.attention))
        for view in views:
            view.found = [next(found) for _ in view.looks]


def _expect(image: CameraImage, settings: ObservationSettings) -> Expectation:
    return image.attention.expect(
        stamp=image.stamp,
        received=image.received,
        image_size=image.size,
        settings=settings.attention,
        tracking=settings.tracking,
    )


@dataclass(eq=False)
class _View:
    """An image, and what is known about it so far."""

    image: CameraImage
    expectation: Expectation
    searched: Searched | None = None
    people: list[Person] = field(default_factory=list)
    looks: list[PlannedLook] = field(default_factory=list)
    left_out: list[Pose] = field(default_factory=list)
    #: The poses in the region of each look.
    found: list[list[Pose]] = field(default_factory=list)

    def order_people(self) -> list[Person]:
        """Return who may be in the image, those first whose turn it is."""
        people = _people(self.searched.poses if self.searched else [], self.expectation.people)
        turns = self.image.attention.turns
        self.people = [people[index] for index in turns.order([one.pose for one in people])]
        return self.people

    def set_plan(self, plan: Plan) -> None:
        """Note where to look closer, and who must wait."""
        self.looks = plan.looks
        self.left_out = [self.people[index].pose for index in plan.left_out]

    def conclude(self, settings: PoseSettings, input_size: Size) -> Observation:
        """Decide who is in the image, and note it for the next one."""
        poses = combine(
            self.people,
            self.looks,
            self.found,
            settings=settings,
            min_unexpected=_MIN_UNEXPECTED,
        )
        attention = self.image.attention
        attention.note(poses, searched=self.searched is not None)
        looked_at = [self.people[index].pose for look in self.looks for index in look.people]
        # Whoever scores less is most likely a double, and must not take the turns of people.
        waiting = [pose for pose in self.left_out if pose.score >= settings.min_pose_score]
        attention.turns.note(looked_at=looked_at, left_out=waiting)
        work = Work(
            searched=self.searched is not None,
            regions=len(self.looks),
            left_out=len(waiting),
        )
        return Observation(poses, work, input_size)


def _people(found: Sequence[Pose], expected: Sequence[Pose]) -> list[Person]:
    """Return who was found in the whole image, and whoever else was expected in it."""
    if not found:
        # Most images: they are not searched.
        return [Person(pose, measured=False, known=True) for pose in expected]
    count = len(found)
    similar = gather([*found, *expected]).similarities()[:count, count:]
    # Whoever was expected and found is at the place where they were found.
    known = np.any(similar >= _SAME, axis=1).tolist()
    missing = np.all(similar < _SAME, axis=0).tolist()
    people = [Person(pose, known=is_known) for pose, is_known in zip(found, known, strict=True)]
    return people + [
        Person(pose, measured=False, known=True)
        for pose, is_missing in zip(expected, missing, strict=True)
        if is_missing
    ]
