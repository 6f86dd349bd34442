"""Which depth image belongs to an image."""

import gc
import threading
import time

import pytest
from sensor_msgs.msg import Image

from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer, ExpectedDepth, Miss

MS = 10**6
#: An image is taken at this time, in nanoseconds.
NOW = 100 * 10**9
# Half a period at 30 Hz.
MAX = 1 / 60


class Clock:
    """A steady clock that the test moves."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


class Depths:
    """A buffer, and depth images that are named by the milliseconds after the image."""

    def __init__(self, max_difference: float = MAX) -> None:
        self.clock = Clock()
        #: Milliseconds of depth images that have arrived, but have not been received.
        self.waiting: list[float] = []
        self.buffer = DepthBuffer(max_difference, receive=self._receive, clock=self.clock)

    def _receive(self) -> None:
        while self.waiting:
            self.add(self.waiting.pop(0))

    def add(self, *milliseconds: float) -> None:
        for offset in milliseconds:
            message = Image()
            message.header.frame_id = f'{offset:g}'
            self.buffer.add(NOW + round(offset * MS), message)

    def expect(self, milliseconds: float = 0) -> ExpectedDepth:
        return self.buffer.expect(NOW + round(milliseconds * MS))


@pytest.fixture
def depths() -> Depths:
    return Depths()


def found(expected: ExpectedDepth, timeout: float = 0.0) -> str:
    """Return the name of the depth image, or the reason why there is none."""
    result = expected.wait(timeout)
    return result.reason if isinstance(result, Miss) else result.header.frame_id


@pytest.mark.parametrize(
    ('before', 'after', 'expected'),
    [
        ([-33, 0], [], '0'),
        ([-33], [0, 33], '0'),
        ([], [0], '0'),
        ([-10], [23], '-10'),
        ([-23], [10], '10'),
        ([-16], [17], '-16'),
        ([-50, -17], [17, 50], 'depth image too old'),
        ([-66, -33], [], 'depth image too old'),
        ([33, 66], [], 'depth image too new'),
        ([], [], 'no depth image'),
        ([-20_000], [], 'stamps of another clock'),
        ([1_700_000_000_000], [], 'stamps of another clock'),
    ],
)
def test_the_nearest_depth_image_within_the_maximum_belongs_to_an_image(
    depths: Depths, before: list[float], after: list[float], expected: str
) -> None:
    depths.add(*before)
    image = depths.expect()
    depths.add(*after)
    assert found(image) == expected


def test_the_maximum_itself_is_allowed() -> None:
    depths = Depths(0.01)
    depths.add(10)
    assert found(depths.expect()) == '10'
    assert found(depths.expect(-0.001)) == 'depth image too new'


def test_an_image_without_a_stamp_has_no_depth(depths: Depths) -> None:
    depths.add(0)
    assert found(depths.buffer.expect(0)) == 'image without a stamp'
    assert found(depths.buffer.expect(-(10**9))) == 'image without a stamp'


def test_the_depth_of_an_image_is_kept_while_the_image_is_processed(depths: Depths) -> None:
    depths.add(0)
    image = depths.expect()
    depths.add(*range(33, 3300, 33))
    assert found(image) == '0'


def test_only_a_few_depth_images_are_kept_for_images_still_to_come(depths: Depths) -> None:
    depths.add(*range(0, 3300, 33))
    assert found(depths.expect()) == 'depth image too new'


def test_nothing_is_kept_for_an_image_that_was_dropped(depths: Depths) -> None:
    images = [depths.expect(), depths.expect()]
    del images[0]
    gc.collect()
    assert len(depths.buffer._expected) == 1


def test_a_depth_image_that_was_overtaken_still_counts(depths: Depths) -> None:
    depths.add(33, 0)
    assert found(depths.expect()) == '0'


def test_depth_that_starts_again_is_paired_with_images_that_start_again(depths: Depths) -> None:
    depths.add(60_000, 60_033)
    early = depths.expect()
    assert found(early) == 'stamps of another clock'
    depths.add(0)
    assert found(early) == '0'
    assert found(depths.expect(60_033)) == 'stamps of another clock'


def test_depth_that_stopped_is_no_depth_image_and_not_an_old_one(depths: Depths) -> None:
    depths.add(-5000)
    depths.clock.now += 5
    miss = depths.expect().wait(0.0)
    assert isinstance(miss, Miss)
    assert (miss.reason, miss.detail[:22]) == ('no depth image', 'no depth image for 5 s')


@pytest.mark.parametrize('arrived', [[0], [-10, 23]], ids=['same stamp', 'a newer one'])
def test_a_pair_that_is_known_is_not_waited_for(
    depths: Depths, arrived: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    depths.waiting = arrived[:]
    waited: list[object] = []
    monkeypatch.setattr(time, 'sleep', waited.append)
    assert found(depths.expect(), timeout=1000.0) == str(arrived[0])
    assert waited == []


@pytest.mark.parametrize(
    ('arrived', 'arrives', 'expected'), [([], 0, '0'), ([-10], 5, '5'), ([-10], 33, '-10')]
)
def test_whoever_waits_gets_the_pair_as_soon_as_it_is_known(
    depths: Depths, arrived: list[float], arrives: float, expected: str
) -> None:
    depths.add(*arrived)
    image = depths.expect()
    got: list[str] = []
    waiting = threading.Thread(target=lambda: got.append(found(image, timeout=1000.0)))
    waiting.start()
    depths.add(arrives)
    waiting.join(30)
    assert got == [expected]


def test_depth_images_are_not_received_before_an_image_waits_for_them(depths: Depths) -> None:
    depths.waiting = [0, 33]
    image = depths.expect()
    assert depths.waiting == [0, 33]
    assert found(image) == '0'
    assert depths.waiting == []


def test_when_the_time_is_over_the_nearest_so_far_is_taken(depths: Depths) -> None:
    depths.add(-10)
    assert found(depths.expect(), timeout=0.001) == '-10'
