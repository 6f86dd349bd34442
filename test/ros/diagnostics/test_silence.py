from posenet_ros.ros.diagnostics.silence import SilenceWatch


def test_a_watch_reports_once_when_images_stop_and_once_when_they_are_back() -> None:
    watch = SilenceWatch()
    told = [watch.update(silent=silent) for silent in (False, True, True, False, False, True)]
    assert told == [None, 'silent', None, 'back', None, 'silent']
