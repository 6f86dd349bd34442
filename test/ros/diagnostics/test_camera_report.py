from dataclasses import replace

from made_snapshots import FRESH

from posenet_ros.ros.diagnostics.camera_report import CameraReport
from posenet_ros.ros.threads.activity import Activity


def test_counts_are_those_since_the_previous_report() -> None:
    report = CameraReport(
        snapshot=replace(FRESH, lost=7), previous=replace(FRESH, lost=4), timeout=5.0
    )
    assert report.since_previous('lost') == 3


def test_time_in_which_an_image_may_wait_unnoticed_is_no_silence() -> None:
    silent = replace(FRESH, since_last_image=6.0)
    report = CameraReport(
        snapshot=silent, previous=FRESH, timeout=5.0, activity=Activity(unnoticed=1.5)
    )
    assert report.silence == 4.5
    assert not report.is_silent
    assert replace(report, activity=Activity(unnoticed=1.0)).is_silent


def test_silence_is_never_negative() -> None:
    report = CameraReport(
        snapshot=FRESH, previous=FRESH, timeout=5.0, activity=Activity(unnoticed=100.0)
    )
    assert report.silence == 0.0
