from made_poses import pose_at

from posenet_ros.tracking.people import gather
from posenet_ros.tracking.tracks import no_tracks, start_tracks, Tracks


def tracks_at(*places: float, stamp: float = 0.0) -> Tracks:
    found = gather([pose_at(place) for place in places])
    return start_tracks(found.people, found.sizes, stamp)


def follow(tracks: Tracks, which: int, place: float, stamp: float) -> None:
    found = gather([pose_at(place)])
    tracks.follow(
        [which],
        found.people,
        found.sizes,
        predicted=tracks.predict(stamp),
        stamp=stamp,
        trust=[1.0],
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
