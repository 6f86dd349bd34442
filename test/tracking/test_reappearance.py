from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.poses import Pose
from posenet_ros.tracking.people import gather
from posenet_ros.tracking.reappearance import find_returned, reappearances, replace_lost
from posenet_ros.tracking.tracks import start_tracks, Track, Tracks

SIZE = gather([pose_at(50)]).sizes[0]


def compare(pose: Pose, lost: Pose, uncertainty: tuple[float, float]) -> float:
    found, before = gather([pose]), gather([lost])
    size = min(*found.sizes, *before.sizes)
    (value,) = reappearances(found.people, before.people, [size], [uncertainty])
    return value


def test_somebody_who_comes_back_where_predicted_is_the_same() -> None:
    assert compare(pose_at(50), pose_at(50), (0.0, 0.0)) == pytest.approx(1)


def test_somebody_may_come_back_as_far_away_as_the_prediction_may_be_off() -> None:
    near, far = (compare(pose_at(80), pose_at(50), (off, 0.0)) for off in (30.0, 5.0))
    assert near > 0.6
    assert far < 0.1


def test_somebody_of_another_height_is_not_the_same_where_anybody_may_be() -> None:
    child = pose_at(50)
    child.keypoints[:, 1] = 196 + 0.5 * (child.keypoints[:, 1] - 196)
    assert compare(child, pose_at(50), (60.0, 60.0)) < 0.3
    assert compare(pose_at(50), pose_at(50), (60.0, 60.0)) == pytest.approx(1)


def test_a_few_keypoints_of_somebody_in_front_do_not_matter() -> None:
    pose = pose_at(50)
    pose.keypoints[5:10] += 60
    assert compare(pose, pose_at(50), (10.0, 10.0)) == pytest.approx(12 / 17, abs=0.01)


@pytest.mark.parametrize('visible', [0, 3])
def test_poses_with_fewer_than_four_common_keypoints_are_not_similar(visible: int) -> None:
    hidden = pose_at(50)
    hidden.keypoint_scores[visible:] = 0.1
    assert compare(hidden, pose_at(50), (10.0, 10.0)) == 0


def replaced(similar: list[float], missed: list[bool]) -> list[float]:
    """Return the similarities to people at 50 and 300 of a pose at 52."""
    found, known = gather([pose_at(52)]), gather([pose_at(50), pose_at(300)])
    tracks = [Track(SIZE, 0.0, missed=one) for one in missed]
    rows = [list(similar)]
    replace_lost(rows, found.people, found.sizes, tracks, known.people, [(0.0, 0.0)] * 2)
    return rows[0]


def test_only_the_similarities_to_people_who_were_missed_are_replaced() -> None:
    assert replaced([0.5, 0.1], [False, False]) == [0.5, 0.1]
    first, second = replaced([0.5, 0.1], [True, False])
    assert second == 0.1
    assert first == pytest.approx(np.exp(-((2 / (0.1 * SIZE)) ** 2) / 2))


def test_a_pose_of_somebody_who_was_just_found_is_nobody_who_was_lost() -> None:
    assert replaced([0.5, 0.9], [True, False]) == [0, 0.9]


@pytest.mark.parametrize(('similar', 'is_near'), [(0.049, False), (0.051, True)])
def test_a_pose_that_is_far_from_somebody_who_was_lost_is_somebody_else(
    similar: float, is_near: bool
) -> None:
    first, second = replaced([similar, 0.1], [True, False])
    assert (first > 0.5) == is_near
    assert (first == 0) != is_near
    assert second == 0.1


def walkers(*, lost: list[float], new: list[float]) -> Tracks:
    """Return people with ids who were lost 0.5 s ago, and tracks which started 0.2 s ago."""
    found = gather([pose_at(place) for place in [*lost, *new]])
    tracks = start_tracks(found.people, found.sizes, 10.0)
    for number, track in enumerate(tracks.tracks, 1):
        if number <= len(lost):
            track.number, track.missed, track.seen = number, True, 9.7
        else:
            track.seen, track.velocity, track.sightings = 10.2, (100.0, 0.0), 3
    return tracks


def returned(tracks: Tracks, new: list[int], *, minimum: float = 0.25) -> dict[int, int]:
    """Return which tracks are which lost people, with this `track_min_similarity`."""
    return find_returned(tracks, new, minimum)


@pytest.mark.parametrize('place', [70, 100])
def test_a_walker_who_may_come_from_a_lost_person_is_that_person(place: float) -> None:
    # 20 px if the person started with the new track, and 50 px if right after being seen.
    assert returned(walkers(lost=[50], new=[place]), [1]) == {1: 0}


@pytest.mark.parametrize('place', [10, 150])
def test_a_walker_who_was_too_far_away_is_somebody_else(place: float) -> None:
    assert returned(walkers(lost=[50], new=[place]), [1]) == {}


def test_a_walker_who_is_less_similar_than_the_minimum_is_somebody_else() -> None:
    # 65 px is the farthest place from which the similarity is 1.
    tracks = walkers(lost=[50], new=[130])
    assert returned(tracks, [1], minimum=0.7) == {1: 0}
    assert returned(tracks, [1], minimum=0.8) == {}


def test_a_walker_is_not_somebody_who_was_lost_walking() -> None:
    tracks = walkers(lost=[50], new=[90])
    tracks.tracks[0].pace = (100.0, 0.0)
    assert returned(tracks, [1]) == {}


def test_somebody_new_who_stands_beside_the_place_of_a_lost_person_is_somebody_else() -> None:
    tracks = walkers(lost=[50], new=[60])
    tracks.tracks[1].velocity = (5.0, 0.0)
    assert returned(tracks, [1]) == {}


@pytest.mark.parametrize('sightings', [1, 2])
def test_a_track_whose_velocity_is_hardly_known_is_somebody_else(sightings: int) -> None:
    tracks = walkers(lost=[50], new=[70])
    tracks.tracks[1].sightings = sightings
    assert returned(tracks, [1]) == {}


def test_a_walker_who_may_come_from_two_lost_people_is_none_of_them() -> None:
    assert returned(walkers(lost=[50, 56], new=[90]), [2]) == {}


def test_of_two_walkers_who_may_come_from_a_lost_person_none_is_that_person() -> None:
    assert returned(walkers(lost=[50], new=[90, 84]), [1, 2]) == {}


def test_a_walker_of_another_size_is_not_the_lost_person() -> None:
    tracks = walkers(lost=[50], new=[90])
    lower = tracks.people.keypoints[1, 1].max()
    tracks.people.keypoints[1, 1] = lower + 0.5 * (tracks.people.keypoints[1, 1] - lower)
    assert returned(tracks, [1]) == {}


def test_a_walker_who_was_there_before_the_person_was_lost_is_somebody_else() -> None:
    tracks = walkers(lost=[50], new=[90])
    tracks.tracks[1].started = 9.5
    assert returned(tracks, [1]) == {}
