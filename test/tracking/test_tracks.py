from collections.abc import Sequence

from made_poses import pose_at
import pytest

from posenet_ros.tracking.people import gather
from posenet_ros.tracking.reappearance import alive
from posenet_ros.tracking.tracks import no_tracks, start_tracks, Track, Tracks


def tracks_at(*places: float, stamp: float = 0.0) -> Tracks:
    found = gather([pose_at(place) for place in places])
    return start_tracks(found.people, found.sizes, stamp)


def follow(
    tracks: Tracks, which: int, place: float, stamp: float, hidden: Sequence[int] = ()
) -> None:
    pose = pose_at(place)
    pose.keypoint_scores[list(hidden)] = 0.1
    found = gather([pose])
    tracks.follow(
        [which],
        found.people,
        found.sizes,
        predicted=tracks.predict(stamp),
        stamp=stamp,
        trust=[1.0],
        scores=[pose.score],
    )


def test_a_track_that_is_followed_gains_what_the_others_lose() -> None:
    tracks = tracks_at(50, 300)
    follow(tracks, 1, 303, 0.1)
    first, second = tracks.tracks
    assert (first.evidence, first.sightings, first.seen) == (0, 1, 0)
    assert (second.evidence, second.sightings, second.seen) == (2, 2, 0.1)


def test_a_person_who_walks_is_predicted_farther_on() -> None:
    tracks = tracks_at(50)
    for step in range(1, 30):
        follow(tracks, 0, 50 + 3 * step, step / 30)
    predicted = tracks.predict(30 / 30).keypoints[0, 0, 0]
    assert 138.5 < predicted < 141


def test_tracks_can_be_selected_and_joined() -> None:
    tracks = tracks_at(50, 300).only([1]).joined(tracks_at(80))
    assert tracks.people.keypoints[0, :, 0].tolist() == [300, 80]
    assert len(no_tracks()) == 0


def test_an_image_from_before_does_not_make_a_track_older() -> None:
    tracks = tracks_at(50, stamp=5.0)
    follow(tracks, 0, 50, 4.9)
    (track,) = tracks.tracks
    assert track.seen == 5
    assert track.gap(4.0) == 0


def test_a_keypoint_that_is_hidden_moves_along_with_the_person() -> None:
    tracks = tracks_at(50)
    before = tracks.people.keypoints[0, 0, 9]
    follow(tracks, 0, 53, 0.1, hidden=[9])
    assert tracks.people.visible[0, 9]
    assert tracks.people.keypoints[0, 0, 9] == pytest.approx(before + 3)


def test_poses_with_a_low_score_are_less_evidence() -> None:
    sure, unsure = Track(50.0, 0.0), Track(50.0, 0.0)
    sure.follow(50.0, (0.0, 0.0), 0.1, trust=1.0, score=0.9)
    unsure.follow(50.0, (0.0, 0.0), 0.1, trust=1.0, score=0.3)
    assert sure.evidence == 2
    assert unsure.evidence == pytest.approx(1 + 0.3 / 0.45)


def test_a_track_without_evidence_shows_its_id_only_on_sure_poses() -> None:
    track = Track(50.0, 0.0, number=7, confirmed=True)
    assert track.id_of(0.3) == 7
    track.miss()
    assert (track.id_of(0.3), track.id_of(0.8)) == (0, 7)


def test_tracks_of_people_who_were_not_found_for_long_end() -> None:
    tracks = tracks_at(50, 300)
    tracks.tracks[0].number = 1
    follow(tracks, 1, 303, 0.1)
    assert len(alive(tracks, 0.9, max_age=1.0)) == 2
    assert len(alive(tracks, 1.05, max_age=1.0)) == 1
