"""The node and its cameras as operators see them: DiagnosticStatus, and a word on silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from posenet_ros.ros.pipeline.camera_statistics import Snapshot
from posenet_ros.ros.threads.receiver import Attention
from posenet_ros.ros.topics.qos_events import IncompatiblePeers

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

# What a node in a lifecycle state does, where the name alone does not tell.
_STATES = {
    'unconfigured': 'unconfigured: has no model and no outputs',
    'inactive': 'inactive: takes no images',
    'finalized': 'finalized: shut down for good, its process can be ended',
}


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What is known of a camera when it is reported."""

    snapshot: Snapshot
    #: That of the report before; None in the first.
    previous: Snapshot | None = None
    #: Seconds without an image, or without an answer, that are too many.
    timeout: float
    #: Why no image comes, as far as the ROS graph tells.
    silence_cause: str = ''
    mismatches: Sequence[IncompatiblePeers] = ()
    #: Of the thread that takes the images of all cameras.
    attention: Attention = field(default_factory=Attention)

    @property
    def silence(self) -> float:
        """Return the seconds without an image, without those in which one may wait unnoticed."""
        return max(0.0, self.snapshot.silence - self.attention.unnoticed)

    @property
    def is_silent(self) -> bool:
        """Tell whether no image came for the timeout."""
        return self.silence >= self.timeout

    def since_previous(self, count: str) -> int:
        """Return how much one of the snapshot's counts has grown since the previous report."""
        before: int = getattr(self.previous, count) if self.previous else 0
        after: int = getattr(self.snapshot, count)
        return after - before


@dataclass(frozen=True)
class _Problem:
    level: bytes
    message: str


def to_status(
    name: str, hardware_id: str, observation: Observation, facts: Mapping[str, str]
) -> DiagnosticStatus:
    """
    Return the status of a camera.

    It is STALE when no image came for the timeout; else ERROR when images were refused and none
    was processed since the previous report, or when images come and none is answered for the
    timeout; else WARN when some were refused or lost since then, or when a peer's QoS does not
    fit; else OK. The message names every problem. `facts` are added to the key values, and are
    such as do not change: model, output stride, input size, execution provider.
    """
    problems = [problem for check in _CHECKS if (problem := check(observation))]
    values = {**_values(observation), **facts}
    return DiagnosticStatus(
        level=problems[0].level if problems else DiagnosticStatus.OK,
        name=name,
        message='; '.join(problem.message for problem in problems) or _activity(observation),
        hardware_id=hardware_id,
        values=_key_values(values),
    )


def to_node_status(
    name: str, state: str, failure: str | None, notice: str | None = None
) -> DiagnosticStatus:
    """
    Return the status of the node: its lifecycle state, and the transition that failed last.

    It is ERROR as long as a failed transition was not made up for, else WARN with a notice of an
    execution provider that failed, else OK: a node that waits in a state does what it was told.
    """
    message = failure or notice or _STATES.get(state, state)
    level = DiagnosticStatus.WARN if notice else DiagnosticStatus.OK
    return DiagnosticStatus(
        level=DiagnosticStatus.ERROR if failure else level,
        name=name,
        message=message,
        hardware_id=name,
        values=_key_values({'state': state}),
    )


class SilenceWatch:
    """Tells once when the images of a camera stop, and once when they come back."""

    def __init__(self) -> None:
        """Begin with a camera that is not silent."""
        self._silent = False

    def update(self, *, silent: bool) -> Literal['silent', 'back'] | None:
        """Take whether the camera is silent now; returns what is new, or None."""
        if silent == self._silent:
            return None
        self._silent = silent
        return 'silent' if silent else 'back'


def _silence(camera: Observation) -> _Problem | None:
    snapshot = camera.snapshot
    if not camera.is_silent:
        return None
    seconds = f'{camera.silence:.0f} s'
    never = snapshot.since_last_image is None
    message = f'no image yet, {seconds} after the start' if never else f'no image for {seconds}'
    cause = camera.silence_cause
    return _Problem(DiagnosticStatus.STALE, f'{message}: {cause}' if cause else message)


def _refusals(camera: Observation) -> _Problem | None:
    refused = camera.since_previous('refused')
    if not refused:
        return None
    reason = camera.snapshot.last_refusal
    if camera.since_previous('processed'):
        return _Problem(DiagnosticStatus.WARN, f'{_images(refused)} refused: {reason}')
    return _Problem(DiagnosticStatus.ERROR, f'every image refused: {reason}')


def _hang(camera: Observation) -> _Problem | None:
    waiting, working = camera.snapshot.waiting, camera.attention.working
    if waiting >= camera.timeout:
        message = f'images come, and none was answered for {waiting:.0f} s'
    elif working >= camera.timeout:
        message = f'the network has been at work on other images for {working:.0f} s'
    else:
        return None
    return _Problem(DiagnosticStatus.ERROR, f'{message}: is the machine overloaded?')


def _losses(camera: Observation) -> _Problem | None:
    lost = camera.since_previous('lost')
    if not lost:
        return None
    message = f'{_images(lost)} lost on the way here: see "Lost images" in the README'
    return _Problem(DiagnosticStatus.WARN, message)


def _mismatches(camera: Observation) -> _Problem | None:
    if not camera.mismatches:
        return None
    policies = dict.fromkeys(mismatch.policy for mismatch in camera.mismatches)
    remedies = (f'{policy}: {_REMEDIES.get(policy, _ANY_REMEDY)}' for policy in policies)
    message = f'a peer gets or sends nothing, its QoS does not fit in {", ".join(remedies)}'
    return _Problem(DiagnosticStatus.WARN, message)


# The gravest first: its level is the status's.
_CHECKS = (_silence, _hang, _refusals, _losses, _mismatches)


def _activity(camera: Observation) -> str:
    """Return what a camera with no problem does."""
    snapshot = camera.snapshot
    if camera.since_previous('idle') and not camera.since_previous('processed'):
        return 'nobody subscribes to any output: images are left alone'
    if snapshot.people is None:
        return 'no image processed yet'
    people = '1 person' if snapshot.people == 1 else f'{snapshot.people} people'
    return f'{snapshot.rate_out:.1f} images/s, {people}'


def _values(camera: Observation) -> dict[str, str]:
    snapshot = camera.snapshot
    misfits = ', '.join(f'{one.count} on {one.topic} ({one.policy})' for one in camera.mismatches)
    return {
        'images received': str(snapshot.received),
        'images processed': str(snapshot.processed),
        'images replaced by newer ones': str(snapshot.replaced),
        'images refused': str(snapshot.refused),
        'last refusal': snapshot.last_refusal or '-',
        'images lost': str(snapshot.lost),
        'images left alone, nobody subscribing': str(snapshot.idle),
        'rate in (Hz)': f'{snapshot.rate_in:.1f}',
        'rate out (Hz)': f'{snapshot.rate_out:.1f}',
        'latency median (ms)': _milliseconds(snapshot.latency_median),
        'latency p95 (ms)': _milliseconds(snapshot.latency_p95),
        'people': '-' if snapshot.people is None else str(snapshot.people),
        'peers whose QoS does not fit': misfits or '0',
    }


def _key_values(values: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=value) for key, value in values.items()]


def _milliseconds(seconds: float | None) -> str:
    return '-' if seconds is None else f'{seconds * 1000:.1f}'


def _images(count: int) -> str:
    return '1 image' if count == 1 else f'{count} images'
