"""
The people of an image, from what was found in its regions.

Everybody counts who was found in a region: those who were expected there, and others whom the
whole image did not show well enough. Then doubles are suppressed (`doubles.py`).

The numbers were chosen as those in `matching.py`.
"""

from collections.abc import Collection, Mapping, Sequence

from posenet_ros.estimation.doubles import suppress_doubles
from posenet_ros.estimation.matching import find_person, region_scores
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
#: Their least mean keypoint score. From 0.1 to 0.3, AP is the same.
MIN_UNEXPECTED = 0.2


def combine(
    people: Sequence[Person],
    looks: Sequence[PlannedLook],
    found: Sequence[Sequence[Pose]],
    *,
    settings: PoseSettings,
    min_unexpected: float = MIN_UNEXPECTED,
) -> list[Pose]:
    """
    Return the people in an image, the one with the highest score first.

    `looks` were planned for `people`, and `found` are the poses in the region of each look; all
    are in pixels of the image. Whoever is found in a region is as found there. Others who were
    measured in the whole image stay, with a lower score if there was a look at that person.
    Whoever was only predicted is in the image only if found in a region. Nobody scores less than
    min_pose_score, and there are at most max_pose_detections people, or one with the method
    single_person. Somebody who was not expected in a region has a mean keypoint score of at least
    `min_unexpected`.
    """
    poses = [person.pose for person in people]
    poses += [pose for in_region in found for pose in in_region]
    arrays = gather(poses)
    similarities: list[list[float]] = arrays.similarities().tolist()
    chosen = _choose(len(people), looks, found, arrays, similarities)
    candidates = _unreplaced(people, looks, chosen)
    found_scores = _score_found(len(people), arrays, set(chosen.values()), min_unexpected)
    candidates.update(found_scores)
    indices = list(candidates)
    single = settings.decoding_method == 'single_person'
    kept = suppress_doubles(
        list(candidates.values()),
        [[similarities[one][other] for other in indices] for one in indices],
        max_people=1 if single else settings.max_pose_detections,
        min_score=settings.min_pose_score,
    )
    return [poses[indices[one]].with_score(score) for one, score in kept.items()]


def _choose(
    count: int,
    looks: Sequence[PlannedLook],
    found: Sequence[Sequence[Pose]],
    arrays: PeopleArrays,
    similarities: list[list[float]],
) -> dict[int, int]:
    """
    Return the indices of the poses that are the expected people, by the people's indices.

    Each pose is one person at most: the first in the order of the look.

    `arrays` and `similarities` are of the `count` people and then of all poses found.
    """
    mean_scores = arrays.mean_scores
    chosen: dict[int, int] = {}
    start = count
    for look, in_region in zip(looks, found, strict=True):
        free = list(range(start, start + len(in_region)))
        for person in look.people:
            row = similarities[person]
            index = find_person([row[one] for one in free], [mean_scores[one] for one in free])
            if index is not None:
                chosen[person] = free.pop(index)
        start += len(in_region)
    return chosen


def _unreplaced(
    people: Sequence[Person], looks: Sequence[PlannedLook], chosen: Mapping[int, int]
) -> dict[int, float]:
    """Return the scores of people measured, but not found in a region, by their indices."""
    expected = {person for look in looks for person in look.people}
    return {
        index: person.pose.score * (_NOT_FOUND if index in expected else 1.0)
        for index, person in enumerate(people)
        if person.measured and index not in chosen
    }


def _score_found(
    count: int, arrays: PeopleArrays, chosen: Collection[int], min_unexpected: float
) -> dict[int, float]:
    """Return the scores of the poses found in regions, from index `count` on, by their indices."""
    scores, mean_scores = region_scores(arrays), arrays.mean_scores
    return {
        index: scores[index] if index in chosen else _UNEXPECTED * scores[index]
        for index in range(count, len(scores))
        if index in chosen or mean_scores[index] >= min_unexpected
    }
