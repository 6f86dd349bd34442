"""
The people of an image, from what was found in its regions.

Everybody counts who was found in a region: those who were expected there, and others whom the
whole image did not show well enough. Then doubles are suppressed.

The numbers were chosen as those in `matching.py`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from posenet_ros.estimation.doubles import without_doubles
from posenet_ros.estimation.matching import find_person, region_scores
from posenet_ros.estimation.people_arrays import gather, PeopleArrays
from posenet_ros.estimation.person_regions import PlannedLook
from posenet_ros.poses import Pose

# How much a person's score counts if the region shows nothing. From 0.3 to 1, AP is the same.
_NOT_FOUND = 0.5
# How much the score counts of somebody who was not expected in a region: the region's border may
# cut such people. From 0.4 to 0.8, AP differs by 0.3. With 1, it is 2 lower, and without these
# people 2.4 lower, if the whole image is processed at half its size.
_UNEXPECTED = 0.6
# Their least mean keypoint score. From 0.1 to 0.3, AP is the same.
_MIN_UNEXPECTED = 0.2


def combine(
    people: Sequence[Pose],
    looks: Sequence[PlannedLook],
    found: Sequence[Sequence[Pose]],
    *,
    measured: bool,
    max_people: int,
) -> list[Pose]:
    """
    Return the people in an image, the one with the highest score first, at most `max_people`.

    `looks` were planned for `people`, and `found` are the poses in the region of each look; all
    are in pixels of the image. `measured` says whether `people` were found in this image, and not
    only predicted for it. If they were, whoever is not found in a region stays, with a lower score
    if there was a look at that person. Otherwise, only those are in the image who were found in a
    region.
    """
    poses = [*people, *(pose for in_region in found for pose in in_region)]
    arrays = gather(poses)
    similarities: list[list[float]] = arrays.similarities().tolist()
    chosen = _choose(len(people), looks, found, arrays, similarities)
    candidates = _unreplaced(people, looks, chosen) if measured else {}
    candidates.update(_score_found(len(people), arrays, set(chosen.values())))
    indices = list(candidates)
    kept = without_doubles(
        list(candidates.values()),
        [[similarities[one][other] for other in indices] for one in indices],
        max_people=max_people,
    )
    return [replace(poses[indices[one]], score=candidates[indices[one]]) for one in kept]


def _choose(
    count: int,
    looks: Sequence[PlannedLook],
    found: Sequence[Sequence[Pose]],
    arrays: PeopleArrays,
    similarities: list[list[float]],
) -> dict[int, int]:
    """
    Return the indices of the poses that are the expected people, by the people's indices.

    `arrays` and `similarities` are of the `count` people and then of all poses found.
    """
    sureness: list[float] = arrays.scores.mean(axis=1).tolist()
    chosen: dict[int, int] = {}
    start = count
    for look, in_region in zip(looks, found, strict=True):
        end = start + len(in_region)
        for person in look.people:
            index = find_person(similarities[person][start:end], sureness[start:end])
            if index is not None:
                chosen[person] = start + index
        start = end
    return chosen


def _unreplaced(
    people: Sequence[Pose], looks: Sequence[PlannedLook], chosen: Mapping[int, int]
) -> dict[int, float]:
    """Return the scores of the people who were not found in a region, by their indices."""
    expected = {person for look in looks for person in look.people}
    return {
        index: person.score * (_NOT_FOUND if index in expected else 1.0)
        for index, person in enumerate(people)
        if index not in chosen
    }


def _score_found(count: int, arrays: PeopleArrays, chosen: Collection[int]) -> dict[int, float]:
    """Return the scores of the poses found in regions, from index `count` on, by their indices."""
    scores = region_scores(arrays)
    sureness: list[float] = arrays.scores.mean(axis=1).tolist()
    return {
        index: scores[index] if index in chosen else _UNEXPECTED * scores[index]
        for index in range(count, len(scores))
        if index in chosen or sureness[index] >= _MIN_UNEXPECTED
    }
