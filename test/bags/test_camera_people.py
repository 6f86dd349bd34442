from bag_conversions import CountingEstimator, FailingEstimator, settings, walk
from made_bags import header, PERIOD, START
import numpy as np
import pytest

from posenet_ros.attention.observer import Observer
from posenet_ros.bags.bag_image import BagImage
from posenet_ros.bags.camera_people import CameraPeople
from posenet_ros.bags.outcome import Outcome
from posenet_ros.errors import ImageError, NetworkError
from posenet_ros.tracking.tracked_camera import TrackedCamera

pytestmark = pytest.mark.usefixtures('network_075')


def film(count: int) -> list[BagImage]:
    """Return images of two people who walk."""
    times = [START + number * PERIOD for number in range(count)]
    return [
        BagImage('/a', time, header(time), pixels)
        for time, pixels in zip(times, walk(count), strict=True)
    ]


def new_people(estimator: CountingEstimator, attention: str) -> CameraPeople:
    return CameraPeople(estimator, Observer(estimator), settings(attention=attention).observation)


@pytest.mark.parametrize('attention', ['whole_image', 'closer_look'])
def test_an_image_that_the_network_cannot_take_is_refused(attention: str) -> None:
    people = new_people(FailingEstimator(ImageError('too narrow')), attention)
    outcomes = [people.find(image) for image in film(3)]
    refused = [one for one in outcomes if one.refusal]
    assert [one.refusal for one in refused] == ['too narrow']
    assert refused[0].size == (140, 480)
    assert len(outcomes[2].poses) >= 2


@pytest.mark.parametrize('attention', ['whole_image', 'closer_look'])
@pytest.mark.parametrize('error', [NetworkError('the GPU is lost'), RuntimeError('a bug')])
def test_an_error_that_the_image_did_not_cause_is_raised(attention: str, error: Exception) -> None:
    people = new_people(FailingEstimator(error, run=1), attention)
    with pytest.raises(type(error), match=str(error)):
        people.find(film(1)[0])


def test_an_error_of_tracking_is_raised_and_people_get_new_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = new_people(CountingEstimator(), 'whole_image')
    images = film(7)
    outcomes = [people.find(image) for image in images]
    for number in range(3):
        first = people.track(images[number], outcomes[number].poses, (140, 480))
    with monkeypatch.context() as patch:
        patch.setattr(TrackedCamera, 'track', lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            people.track(images[3], outcomes[3].poses, (140, 480))
    for number in range(4, 7):
        last = people.track(images[number], outcomes[number].poses, (140, 480))
    before, after = ({one.track_id for one in poses} - {0} for poses in (first, last))
    assert before
    assert after
    assert before.isdisjoint(after)


def test_recalled_outcomes_lead_to_the_same_looks_as_before_also_after_an_error() -> None:
    first = FailingEstimator(ImageError('too narrow'))
    people = new_people(first, 'closer_look')
    images = film(4)
    outcomes = [people.find(image) for image in images]
    second = CountingEstimator()
    again = new_people(second, 'closer_look')
    for image, outcome in zip(images[:3], outcomes[:3], strict=True):
        again.recall(image, outcome)
    assert second.runs == 0
    last = again.find(images[3])
    assert last.searched == outcomes[3].searched
    for pose, before in zip(last.poses, outcomes[3].poses, strict=True):
        np.testing.assert_array_equal(pose.keypoints, before.keypoints)


def test_an_image_that_could_not_be_read_changes_nothing() -> None:
    estimator = CountingEstimator()
    people, other = (new_people(estimator, 'closer_look') for _ in range(2))
    images = film(3)
    other.recall(images[0], people.find(images[0]))
    other.recall(images[1], Outcome(topic='/a', time=images[1].time, refusal='no image'))
    assert not other.find(images[2]).searched
