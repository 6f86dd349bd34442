"""
The people of an image, from what was found in its regions.

Everybody counts who was found in a region: those who were expected there, and others whom the
whole image did not show well enough. Then doubles are suppressed.

The numbers were chosen as those in `fusion.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from posenet_ros.estimation.doubles import without_doubles
from posenet_ros.estimation.fusion import find_person, fused_keypoints, region_scores
from posenet_ros.estimation.people_arrays import gather, PeopleArrays
from posenet_ros.estimation.person_regions import Person, PlannedLook
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

# How much a person's score counts if the region shows nothing. From 0.3 to 1, AP is the same.
_NOT_FOUND = 0.5
# How much the score counts of somebody who was not expected in a region: the region's border may
# cut such people. From 0.4 to 0.8, AP differs by 0.3. With 1, it is 2 lower, and without these
# people 2.4 lower, if the whole image is processed at half its size.
_UNEXPECTED = 0.6
# Their least mean keypoint score. From 0.1 to 0.3, AP is the same.
_MIN_UNEXPECTED = 0.2


@dataclass(frozen=True)
class _Candidate:
    """Somebody who may be in the image."""

    score: float
    #: Index of the pose.
    pose: int
    #: Index of the pose in the whole image that it is fused with.
    fused_with: int | None = None


def combine(
    people: Sequence[Person],
    looks: Sequence[PlannedLook],
    found: Sequence[Sequence[Pose]],
    *,
    settings: PoseSettings,
) -> list[Pose]:
    """
    Return the people in an image, the one with the highest score first.

    `looks` were planned for `people`, and `found` are the poses in the region of each look; all
    are in pixels of the image. Whoever is found again is fused with what was measured in the whole
    image. Others who were measured there stay, with a lower score if their region shows nothing.
    Whoever was only predicted is in the image if found in a region. Nobody scores less than
    min_pose_score, and there are at most max_pose_detections people, or one with the method
    single_person.
    """
    poses = [person.pose for person in people]
    poses += [pose for in_region in found for pose in in_region]
    arrays = gather(poses)
    similarities = arrays.similarities().tolist()
    candidates = [
        one
        for one in _candidates(arrays, people, looks, found, similarities)
        if one.score >= settings.min_pose_score
    ]
    single = settings.decoding_method == 'single_person'
    max_people = 1 if single else settings.max_pose_detections
    scores = [one.score for one in candidates]
    rows = [[similarities[one.pose][other.pose] for other in candidates] for one in candidates]
    kept = [candidates[index] for index in without_doubles(scores, rows, max_people=max_people)]
    return _finished(kept, poses, arrays)


def _candidates(
    arrays: PeopleArrays,
    people: Sequence[Person],
    looks: Sequence[PlannedLook],
    found: Sequence[Sequence[Pose]],
    similarities: list[list[float]],
) -> Iterator[_Candidate]:
    sureness: list[float] = arrays.scores.mean(axis=1).tolist()
    scores = region_scores(arrays)
    expected = {index for look in looks for index in look.people}
    yield from (
        _Candidate(person.pose.score, index)
        for index, person in enumerate(people)
        if person.measured and index not in expected
    )
    start = len(people)
    for look, in_region in zip(looks, found, strict=True):
        end = start + len(in_region)
        chosen: set[int] = set()
        for person in look.people:
            index = find_person(similarities[person][start:end], sureness[start:end])
            if index is not None:
                chosen.add(start + index)
                first = person if people[person].measured else None
                yield _Candidate(scores[start + index], start + index, first)
            elif people[person].measured:
                yield _Candidate(_NOT_FOUND * people[person].pose.score, person)
        for other in range(start, end):
            if other not in chosen and sureness[other] >= _MIN_UNEXPECTED:
                yield _Candidate(_UNEXPECTED * scores[other], other)
        start = end


def _finished(
    candidates: Sequence[_Candidate], poses: Sequence[Pose], arrays: PeopleArrays
) -> list[Pose]:
    """Return the poses of candidates, with their scores, and fused."""
    fused = [(one.fused_with, one.pose) for one in candidates if one.fused_with is not None]
    first, closer = [pair[0] for pair in fused], [pair[1] for pair in fused]
    points = dict(zip(fused, fused_keypoints(arrays, first, closer), strict=True)) if fused else {}
    finished = []
    for one in candidates:
        pose = replace(poses[one.pose], score=one.score)
        if one.fused_with is not None:
            pose = pose.at(points[one.fused_with, one.pose])
        finished.append(pose)
    return finished
