from posenet_ros.tracking.image_times import Continuity

SIZE = (480, 640)


def test_the_first_image_breaks_nothing() -> None:
    assert not Continuity().breaks(5.0, SIZE)


def test_a_jump_back_breaks_the_sequence_once() -> None:
    continuity = Continuity()
    stamps = (10.0, 10.1, 3.0, 3.1)
    breaks = [continuity.breaks(stamp, SIZE) for stamp in stamps]
    assert breaks == [False, False, True, False]


def test_an_image_that_was_overtaken_does_not_break_it() -> None:
    continuity = Continuity()
    stamps = (10.0, 10.2, 10.1, 10.3)
    assert not any(continuity.breaks(stamp, SIZE) for stamp in stamps)


def test_small_steps_back_do_not_add_up() -> None:
    continuity = Continuity()
    breaks = [continuity.breaks(10 - 0.09 * step, SIZE) for step in range(4)]
    assert breaks == [False, False, False, True]


def test_another_image_size_breaks_it() -> None:
    continuity = Continuity()
    sizes = (SIZE, (640, 480), (640, 480))
    assert [continuity.breaks(1.0, one) for one in sizes] == [False, True, False]
