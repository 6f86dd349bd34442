from dataclasses import replace

from diagnostic_msgs.msg import DiagnosticStatus
import pytest
from rclpy.qos import QoSPolicyKind

from posenet_ros.ros.diagnostics import camera_status as diagnostics
from posenet_ros.ros.diagnostics.camera_status import (
    Observation,
    SilenceWatch,
    to_node_status,
    to_status,
)
from posenet_ros.ros.pipeline.camera_statistics import Snapshot
from posenet_ros.ros.threads.receiver import Attention
from posenet_ros.ros.topics.qos_events import IncompatiblePeers

TIMEOUT = 5.0

#: Of a node that has just started.
FRESH = Snapshot(
    received=0,
    processed=0,
    replaced=0,
    refused=0,
    lost=0,
    last_refusal=None,
    idle=0,
    rate_in=0.0,
    rate_out=0.0,
    latency_median=None,
    latency_p95=None,
    people=None,
    since_last_image=None,
    since_start=0.1,
    waiting=0.0,
)
#: Of a camera with nothing to complain about.
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
    since_last_image=0.02,
    since_start=10.0,
)


RECEIVING = Attention()
CAUSE = 'its publisher is there: is the camera running?'


def status(
    snapshot: Snapshot,
    previous: Snapshot | None = None,
    *mismatches: IncompatiblePeers,
    attention: Attention = RECEIVING,
) -> DiagnosticStatus:
    observation = Observation(
        snapshot=snapshot,
        previous=previous,
        timeout=TIMEOUT,
        silence_cause=CAUSE,
        mismatches=mismatches,
        attention=attention,
    )
    return to_status('posenet: front', '/front/image', observation, {'model': 'm'})


def verdict(
    snapshot: Snapshot, previous: Snapshot | None = None, *mismatches: IncompatiblePeers
) -> tuple[bytes, str]:
    """Return level and message."""
    report = status(snapshot, previous, *mismatches)
    return report.level, report.message


def test_a_status_has_the_name_and_the_hardware_of_its_camera() -> None:
    report = status(GOOD)
    assert (report.name, report.hardware_id) == ('posenet: front', '/front/image')


def test_a_camera_without_problems_is_ok_and_tells_its_rate_and_people() -> None:
    assert verdict(GOOD) == (DiagnosticStatus.OK, '29.8 images/s, 2 people')


def test_one_is_a_person_and_not_people() -> None:
    assert status(replace(GOOD, people=1)).message == '29.8 images/s, 1 person'


def test_a_node_that_just_started_is_ok_and_waits() -> None:
    assert verdict(FRESH) == (DiagnosticStatus.OK, 'no image processed yet')


def test_a_camera_is_stale_when_its_images_stop() -> None:
    level, message = verdict(replace(GOOD, since_last_image=TIMEOUT), GOOD)
    assert level == DiagnosticStatus.STALE
    assert message == f'no image for 5 s: {CAUSE}'


def test_a_camera_is_stale_when_no_image_ever_came() -> None:
    level, message = verdict(replace(FRESH, since_start=12.0))
    assert level == DiagnosticStatus.STALE
    assert message == f'no image yet, 12 s after the start: {CAUSE}'


def test_a_camera_is_not_stale_before_the_timeout() -> None:
    assert status(replace(GOOD, since_last_image=TIMEOUT - 0.01)).level == DiagnosticStatus.OK


def test_it_is_an_error_when_every_image_since_the_previous_report_is_refused() -> None:
    refused = replace(GOOD, received=330, refused=30, last_refusal='encoding mono16')
    assert verdict(refused, GOOD) == (
        DiagnosticStatus.ERROR,
        'every image refused: encoding mono16',
    )


def test_it_is_an_error_when_images_come_and_none_is_answered() -> None:
    level, message = verdict(replace(GOOD, received=400, waiting=6.0), GOOD)
    assert level == DiagnosticStatus.ERROR
    assert message.startswith('images come, and none was answered for 6 s')


def test_a_network_that_does_not_end_is_an_error_in_which_no_camera_is_silent() -> None:
    waits = replace(GOOD, since_last_image=7.0)
    stuck = status(waits, GOOD, attention=Attention(working=6.0, unnoticed=7.0))
    assert stuck.level == DiagnosticStatus.ERROR
    assert stuck.message.startswith('the network has been at work on other images for 6 s')


def test_a_camera_whose_images_may_wait_for_their_turn_is_not_silent() -> None:
    waits = replace(GOOD, since_last_image=7.0)
    assert status(waits, GOOD, attention=Attention(unnoticed=2.5)).level == DiagnosticStatus.OK


def test_a_camera_is_silent_in_spite_of_others_at_work() -> None:
    dead = replace(GOOD, since_last_image=20.0)
    assert status(dead, GOOD, attention=Attention(unnoticed=2.5)).level == DiagnosticStatus.STALE


def test_a_camera_that_nobody_listens_to_is_ok_and_says_so() -> None:
    assert verdict(replace(GOOD, received=330, idle=30), GOOD) == (
        DiagnosticStatus.OK,
        'nobody subscribes to any output: images are left alone',
    )


@pytest.mark.parametrize('state', ['unconfigured', 'inactive', 'active'])
def test_the_node_is_ok_in_every_state_that_it_was_told_to_be_in(state: str) -> None:
    report = to_node_status('posenet', state, None)
    assert (report.level, report.message.partition(':')[0]) == (DiagnosticStatus.OK, state)


def test_a_failed_transition_is_an_error_with_its_cause() -> None:
    report = to_node_status('posenet', 'unconfigured', 'cannot configure: no model')
    assert (report.level, report.message) == (
        DiagnosticStatus.ERROR,
        'cannot configure: no model',
    )


def test_an_execution_provider_that_failed_is_a_warning_with_its_cause() -> None:
    report = to_node_status('posenet', 'active', None, 'cuda failed: out of memory')
    assert (report.level, report.message) == (DiagnosticStatus.WARN, 'cuda failed: out of memory')


def test_the_first_report_counts_from_the_start() -> None:
    refused = replace(FRESH, received=1, refused=1, last_refusal='x', since_last_image=0.1)
    assert status(refused).level == DiagnosticStatus.ERROR


def test_it_is_a_warning_when_some_images_are_refused() -> None:
    refused = replace(GOOD, processed=290, refused=1, last_refusal='encoding mono16')
    assert verdict(refused, GOOD) == (DiagnosticStatus.WARN, '1 image refused: encoding mono16')


def test_it_is_a_warning_when_images_are_lost() -> None:
    level, message = verdict(replace(GOOD, lost=3), GOOD)
    assert level == DiagnosticStatus.WARN
    assert message == '3 images lost on the way here: see "Lost images" in the README'


def test_what_was_refused_or_lost_before_the_previous_report_is_over() -> None:
    before = replace(GOOD, refused=3, lost=3, last_refusal='encoding mono16')
    assert status(replace(before, processed=310), before).level == DiagnosticStatus.OK


@pytest.mark.parametrize(
    ('policy', 'remedy'),
    [
        ('RELIABILITY', 'make the publisher reliable or the subscriber best effort'),
        ('LIFESPAN', 'ros2 topic info --verbose'),
    ],
    ids=['known', 'any other'],
)
def test_a_peer_that_does_not_fit_is_a_warning_with_the_policy_and_what_to_do(
    policy: str, remedy: str
) -> None:
    level, message = verdict(GOOD, GOOD, IncompatiblePeers('/front/poses', policy))
    assert level == DiagnosticStatus.WARN
    assert policy in message
    assert remedy in message


def test_remedies_stand_beside_the_names_that_rclpy_gives_the_policies() -> None:
    assert diagnostics._REMEDIES.keys() <= QoSPolicyKind.__members__.keys()


def test_the_gravest_problem_makes_the_level_and_the_message_names_all() -> None:
    silent = replace(
        GOOD,
        lost=2,
        refused=1,
        last_refusal='encoding mono16',
        since_last_image=60.0,
    )
    level, message = verdict(silent, GOOD, IncompatiblePeers('/front/poses', 'DURABILITY'))
    assert level == DiagnosticStatus.STALE
    starts = ('no image for 60 s', 'every image refused', '2 images lost', 'a peer gets or sends')
    for part, start in zip(message.split('; '), starts, strict=True):
        assert part.startswith(start)


def test_the_values_are_the_snapshot_in_words_and_then_the_facts() -> None:
    snapshot = replace(GOOD, refused=1, last_refusal='encoding mono16', lost=4, idle=7)
    report = status(snapshot, GOOD, IncompatiblePeers('/front/poses', 'DURABILITY', count=2))
    assert [(value.key, value.value) for value in report.values] == [
        ('images received', '300'),
        ('images processed', '280'),
        ('images replaced by newer ones', '20'),
        ('images refused', '1'),
        ('last refusal', 'encoding mono16'),
        ('images lost', '4'),
        ('images left alone, nobody subscribing', '7'),
        ('rate in (Hz)', '30.0'),
        ('rate out (Hz)', '29.8'),
        ('latency median (ms)', '21.4'),
        ('latency p95 (ms)', '35.8'),
        ('people', '2'),
        ('peers whose QoS does not fit', '2 on /front/poses (DURABILITY)'),
        ('model', 'm'),
    ]


def test_a_value_that_is_not_known_is_a_dash() -> None:
    unknown = {value.key for value in status(FRESH).values if value.value == '-'}
    assert unknown == {'last refusal', 'latency median (ms)', 'latency p95 (ms)', 'people'}


def test_a_watch_tells_once_when_images_stop_and_once_when_they_come_back() -> None:
    watch = SilenceWatch()
    told = [watch.update(silent=silent) for silent in (False, True, True, False, False, True)]
    assert told == [None, 'silent', None, 'back', None, 'silent']
