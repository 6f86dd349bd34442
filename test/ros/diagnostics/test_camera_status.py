from dataclasses import replace

from diagnostic_msgs.msg import DiagnosticStatus
from made_snapshots import FRESH
import pytest
from rclpy.qos import QoSPolicyKind

from posenet_ros.ros.diagnostics import camera_status
from posenet_ros.ros.diagnostics.camera_report import CameraReport
from posenet_ros.ros.diagnostics.camera_status import to_status
from posenet_ros.ros.pipeline.snapshot import Snapshot
from posenet_ros.ros.threads.activity import Activity
from posenet_ros.ros.topics.qos_events import IncompatiblePeers

TIMEOUT = 5.0

#: A camera without problems.
GOOD = replace(
    FRESH,
    received=300,
    processed=280,
    replaced=20,
    rate_in=30.04,
    rate_out=29.8,
    latency_median=0.0214,
    latency_p95=0.0358,
    people=2,
    input_size=(241, 321),
    since_last_image=0.02,
    since_start=10.0,
)


RECEIVING = Activity()
CAUSE = 'the topic has a publisher, but it sends nothing (check the camera)'


def status(
    snapshot: Snapshot,
    previous: Snapshot = FRESH,
    *incompatible_peers: IncompatiblePeers,
    activity: Activity = RECEIVING,
) -> DiagnosticStatus:
    report = CameraReport(
        snapshot=snapshot,
        previous=previous,
        timeout=TIMEOUT,
        silence_cause=CAUSE,
        incompatible_peers=incompatible_peers,
        activity=activity,
    )
    return to_status('posenet: front', '/front/image', report, {'model': 'm'})


def verdict(
    snapshot: Snapshot, previous: Snapshot = FRESH, *incompatible_peers: IncompatiblePeers
) -> tuple[bytes, str]:
    """Return level and message."""
    report = status(snapshot, previous, *incompatible_peers)
    return report.level, report.message


def test_a_status_has_the_name_of_its_camera() -> None:
    report = status(GOOD)
    assert (report.name, report.hardware_id) == ('posenet: front', '/front/image')


def test_a_camera_without_problems_is_ok_and_shows_its_rate_and_people() -> None:
    assert verdict(GOOD) == (DiagnosticStatus.OK, '29.8 images/s, 2 people')


def test_one_person_is_not_called_people() -> None:
    assert status(replace(GOOD, people=1)).message == '29.8 images/s, 1 person'


def test_a_camera_without_images_is_ok_until_the_timeout() -> None:
    assert verdict(FRESH) == (DiagnosticStatus.OK, 'no image processed yet')


def test_a_camera_is_stale_when_its_images_stop() -> None:
    level, message = verdict(replace(GOOD, since_last_image=TIMEOUT), GOOD)
    assert level == DiagnosticStatus.STALE
    assert message == f'no image for 5 s: {CAUSE}'


def test_a_camera_is_stale_when_no_image_ever_arrived() -> None:
    level, message = verdict(replace(FRESH, since_start=12.0))
    assert level == DiagnosticStatus.STALE
    assert message == f'no image yet, 12 s after activation: {CAUSE}'


def test_a_camera_is_not_stale_before_the_timeout() -> None:
    assert status(replace(GOOD, since_last_image=TIMEOUT - 0.01)).level == DiagnosticStatus.OK


def test_it_is_an_error_when_every_image_since_the_previous_report_is_refused() -> None:
    refused = replace(GOOD, received=330, refused=30, last_refusal='encoding mono16')
    assert verdict(refused, GOOD) == (
        DiagnosticStatus.ERROR,
        'every image refused: encoding mono16',
    )


def test_it_is_an_error_when_images_arrive_and_none_is_processed() -> None:
    level, message = verdict(replace(GOOD, received=400, waiting=6.0), GOOD)
    assert level == DiagnosticStatus.ERROR
    assert message.startswith('images arrive, but none was processed for 6 s')


def test_a_hanging_network_is_an_error_and_no_camera_counts_as_silent() -> None:
    waits = replace(GOOD, since_last_image=7.0)
    stuck = status(waits, GOOD, activity=Activity(processing=6.0, unnoticed=7.0))
    assert stuck.level == DiagnosticStatus.ERROR
    assert stuck.message.startswith('the network has been busy with other images for 6 s')


def test_a_camera_whose_images_may_be_waiting_unnoticed_is_not_silent() -> None:
    waits = replace(GOOD, since_last_image=7.0)
    assert status(waits, GOOD, activity=Activity(unnoticed=2.5)).level == DiagnosticStatus.OK


def test_a_camera_is_silent_even_while_others_are_processed() -> None:
    dead = replace(GOOD, since_last_image=20.0)
    assert status(dead, GOOD, activity=Activity(unnoticed=2.5)).level == DiagnosticStatus.STALE


def test_a_camera_without_subscribers_is_ok_and_says_so() -> None:
    assert verdict(replace(GOOD, received=330, skipped=30), GOOD) == (
        DiagnosticStatus.OK,
        'images are skipped: nobody subscribes to any output',
    )


def test_the_first_report_includes_everything_since_the_start() -> None:
    refused = replace(FRESH, received=1, refused=1, last_refusal='x', since_last_image=0.1)
    assert status(refused).level == DiagnosticStatus.ERROR


def test_it_is_a_warning_when_some_images_are_refused() -> None:
    refused = replace(GOOD, processed=290, refused=1, last_refusal='encoding mono16')
    assert verdict(refused, GOOD) == (DiagnosticStatus.WARN, '1 image refused: encoding mono16')


def test_it_is_a_warning_when_images_are_lost() -> None:
    level, message = verdict(replace(GOOD, lost=3), GOOD)
    assert level == DiagnosticStatus.WARN
    assert message == (
        '3 images lost by the middleware (README, "Lost images" and "Camera on another host")'
    )


def test_a_warning_goes_away_with_the_next_report() -> None:
    before = replace(GOOD, refused=3, lost=3, last_refusal='encoding mono16')
    assert status(replace(before, processed=310), before).level == DiagnosticStatus.OK


def test_several_publishers_are_a_warning_with_the_names_of_their_nodes() -> None:
    nodes = ('/camera', '/player')
    seen = CameraReport(snapshot=GOOD, previous=GOOD, timeout=TIMEOUT, publishers=nodes)
    report = to_status('posenet: front', '/front/image', seen, {})
    assert report.level == DiagnosticStatus.WARN
    assert '2 publishers' in report.message
    assert '/camera, /player' in report.message


@pytest.mark.parametrize(
    ('policy', 'remedy'),
    [
        ('RELIABILITY', 'make the publisher reliable or the subscriber best effort'),
        ('LIFESPAN', 'ros2 topic info --verbose'),
    ],
    ids=['known', 'any other'],
)
def test_incompatible_peers_are_a_warning_with_the_policy_and_the_remedy(
    policy: str, remedy: str
) -> None:
    level, message = verdict(GOOD, GOOD, IncompatiblePeers('/front/poses', policy))
    assert level == DiagnosticStatus.WARN
    assert policy in message
    assert remedy in message


def test_remedies_use_the_names_that_rclpy_gives_the_policies() -> None:
    assert camera_status._REMEDIES.keys() <= QoSPolicyKind.__members__.keys()


def test_the_most_severe_problem_sets_the_level_and_the_message_names_all() -> None:
    silent = replace(
        GOOD,
        lost=2,
        refused=1,
        last_refusal='encoding mono16',
        since_last_image=60.0,
    )
    level, message = verdict(silent, GOOD, IncompatiblePeers('/front/poses', 'DURABILITY'))
    assert level == DiagnosticStatus.STALE
    starts = ('no image for 60 s', 'every image refused', '2 images lost', 'a peer exchanges')
    for part, start in zip(message.split('; '), starts, strict=True):
        assert part.startswith(start)


def test_the_values_are_the_snapshot_and_the_facts() -> None:
    snapshot = replace(GOOD, refused=1, last_refusal='encoding mono16', lost=4, skipped=7)
    report = status(snapshot, GOOD, IncompatiblePeers('/front/poses', 'DURABILITY', count=2))
    assert [(value.key, value.value) for value in report.values] == [
        ('images received', '300'),
        ('images processed', '280'),
        ('images replaced by newer ones', '20'),
        ('images refused', '1'),
        ('last refusal', 'encoding mono16'),
        ('images lost', '4'),
        ('images skipped (no subscribers)', '7'),
        ('rate in (Hz)', '30.0'),
        ('rate out (Hz)', '29.8'),
        ('latency median (ms)', '21.4'),
        ('latency p95 (ms)', '35.8'),
        ('people', '2'),
        ('input size', '241x321'),
        ('peers with incompatible QoS', '2 on /front/poses (DURABILITY)'),
        ('model', 'm'),
    ]


def test_a_count_that_the_ros_release_cannot_give_is_said_to_be_not_available() -> None:
    report = status(replace(GOOD, replaced=None))
    (value,) = (one.value for one in report.values if one.key == 'images replaced by newer ones')
    assert value == 'not available: this ROS release or middleware does not number messages'


def test_an_unknown_value_is_a_dash() -> None:
    unknown = {value.key for value in status(FRESH).values if value.value == '-'}
    assert unknown == {
        'last refusal',
        'latency median (ms)',
        'latency p95 (ms)',
        'people',
        'input size',
    }


def values_of(snapshot: Snapshot) -> dict[str, str]:
    return {one.key: one.value for one in status(snapshot).values}


def test_a_closer_look_shows_what_the_network_processes() -> None:
    values = values_of(replace(GOOD, searches=0.104, regions=2.96, left_out=0.25))
    assert values['whole image processed (% of images)'] == '10'
    assert values['regions processed per image'] == '3.0'
    assert values['people without a region per image'] == '0.2'


def test_without_a_closer_look_there_are_no_values_about_it() -> None:
    assert not [key for key in values_of(GOOD) if 'region' in key or 'whole image' in key]
