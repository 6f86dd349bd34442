"""The state of a camera as operators see it: a DiagnosticStatus, and a word when images stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from posenet_ros.ros.camera_statistics import Snapshot

# What to do when a peer does not fit, by the name that rclpy gives the policy. The rules:
# https://docs.ros.org/en/jazzy/Concepts/Intermediate/About-Quality-of-Service-Settings.html
_REMEDIES = {
    'RELIABILITY': 'make the publisher reliable or the subscriber best effort',
    'DURABILITY': 'make the publisher transient local or the subscriber volatile',
    'DEADLINE': "give the subscriber no shorter deadline than the publisher's",
    'LIVELINESS': 'make the liveliness of the subscriber automatic',
    'LIVELINESS_LEASE_DURATION': "give the subscriber no shorter lease than the publisher's",
}
_ANY_REMEDY = 'compare both ends with: ros2 topic info --verbose'


@dataclass(frozen=True)
class _Period:
    """A snapshot, and what was counted since the one before."""

    snapshot: Snapshot
    processed: int
    refused: int
    lost: int
    timeout: float


@dataclass(frozen=True)
class _Problem:
    level: bytes
    message: str


def to_status(
    name: str,
    hardware_id: str,
    snapshot: Snapshot,
    previous: Snapshot | None,
    facts: Mapping[str, str],
    *,
    timeout: float,
) -> DiagnosticStatus:
    """
    Return the status of a camera.

    It is STALE when no image came for `timeout` seconds; else ERROR when images were refused and
    none was processed since the `previous` report (since the start, when that is None); else WARN
    when some were refused or lost since then, or when a peer's QoS does not fit; else OK. The
    message names every problem. `facts` are added to the key values, and are such as do not
    change: model, output stride, input size, execution provider.
    """
    period = _Period(
        snapshot,
        processed=snapshot.processed - (previous.processed if previous else 0),
        refused=snapshot.refused - (previous.refused if previous else 0),
        lost=snapshot.lost - (previous.lost if previous else 0),
        timeout=timeout,
    )
    problems = [problem for check in _CHECKS if (problem := check(period))]
    values = {**_values(snapshot), **facts}
    return DiagnosticStatus(
        level=problems[0].level if problems else DiagnosticStatus.OK,
        name=name,
        message='; '.join(problem.message for problem in problems) or _activity(snapshot),
        hardware_id=hardware_id,
        values=[KeyValue(key=key, value=value) for key, value in values.items()],
    )


class SilenceWatch:
    """Tells once when the images of a camera stop, and once when they come back."""

    def __init__(self, timeout: float) -> None:
        """Watch for `timeout` seconds without an image."""
        self._timeout = timeout
        self._silent = False

    def update(self, silence: float) -> Literal['silent', 'back'] | None:
        """Take the seconds without an image (`Snapshot.silence`); returns what is new, or None."""
        silent = silence >= self._timeout
        if silent == self._silent:
            return None
        self._silent = silent
        return 'silent' if silent else 'back'


def _silence(period: _Period) -> _Problem | None:
    snapshot = period.snapshot
    if snapshot.silence < period.timeout:
        return None
    seconds = f'{snapshot.silence:.0f} s'
    if snapshot.since_last_image is None:
        message = f'no image yet, {seconds} after the start: is the name of the topic right?'
    else:
        message = f'no image for {seconds}: is the camera running?'
    return _Problem(DiagnosticStatus.STALE, message)


def _refusals(period: _Period) -> _Problem | None:
    if not period.refused:
        return None
    reason = period.snapshot.last_refusal
    if period.processed:
        return _Problem(DiagnosticStatus.WARN, f'{_images(period.refused)} refused: {reason}')
    return _Problem(DiagnosticStatus.ERROR, f'every image refused: {reason}')


def _losses(period: _Period) -> _Problem | None:
    if not period.lost:
        return None
    message = f'{_images(period.lost)} lost on the way here: see "Lost images" in the README'
    return _Problem(DiagnosticStatus.WARN, message)


def _mismatches(period: _Period) -> _Problem | None:
    policies = period.snapshot.incompatible
    if not policies:
        return None
    remedies = (f'{policy}: {_REMEDIES.get(policy, _ANY_REMEDY)}' for policy in policies)
    message = f'a peer gets or sends nothing, its QoS does not fit in {", ".join(remedies)}'
    return _Problem(DiagnosticStatus.WARN, message)


# The gravest first: its level is the status's.
_CHECKS = (_silence, _refusals, _losses, _mismatches)


def _activity(snapshot: Snapshot) -> str:
    """Return what a camera with no problem does."""
    if snapshot.people is None:
        return 'no image processed yet'
    people = '1 person' if snapshot.people == 1 else f'{snapshot.people} people'
    return f'{snapshot.rate_out:.1f} images/s, {people}'


def _values(snapshot: Snapshot) -> dict[str, str]:
    return {
        'images received': str(snapshot.received),
        'images processed': str(snapshot.processed),
        'images replaced by newer ones': str(snapshot.replaced),
        'images refused': str(snapshot.refused),
        'last refusal': snapshot.last_refusal or '-',
        'images lost': str(snapshot.lost),
        'rate in (Hz)': f'{snapshot.rate_in:.1f}',
        'rate out (Hz)': f'{snapshot.rate_out:.1f}',
        'latency median (ms)': _milliseconds(snapshot.latency_median),
        'latency p95 (ms)': _milliseconds(snapshot.latency_p95),
        'people': '-' if snapshot.people is None else str(snapshot.people),
    }


def _milliseconds(seconds: float | None) -> str:
    return '-' if seconds is None else f'{seconds * 1000:.1f}'


def _images(count: int) -> str:
    return '1 image' if count == 1 else f'{count} images'
