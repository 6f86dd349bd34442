"""The status of a camera on /diagnostics: level, message and values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from posenet_ros.estimation.pose_network import PoseNetwork
from posenet_ros.framing.framing import Size
from posenet_ros.ros.diagnostics.camera_report import CameraReport
from posenet_ros.ros.diagnostics.depth_status import depth_values, describe_missing_depth
from posenet_ros.ros.diagnostics.publisher_conflict import several_publishers
from posenet_ros.ros.log_text import cut
from posenet_ros.ros.pipeline.snapshot import Snapshot

# What to do about incompatible peers, by rclpy's name of the policy. The rules are in
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
class _Problem:
    level: bytes
    message: str


def to_status(
    name: str, hardware_id: str, report: CameraReport, facts: Mapping[str, str]
) -> DiagnosticStatus:
    """
    Return the status of a camera.

    The level is STALE if no image has arrived for the timeout; else ERROR if images were refused
    and none was processed since the previous report, or if images arrive but none was processed
    for the timeout; else WARN if some images were refused or lost since the previous report, if
    several nodes publish the images, if the QoS of a peer is incompatible, or if more than a tenth
    of the images had no depth; else OK. The message names every problem. `facts` are added to the
    values. The message and the values are cut to 500 characters.
    """
    problems = [problem for check in _CHECKS if (problem := check(report))]
    values = {**_values(report), **facts}
    return DiagnosticStatus(
        level=problems[0].level if problems else DiagnosticStatus.OK,
        name=name,
        message=cut('; '.join(one.message for one in problems)) or _activity(report),
        hardware_id=hardware_id,
        values=_key_values(values),
    )


def network_facts(network: PoseNetwork[Any]) -> dict[str, str]:
    """Return the values about the network, which do not change from image to image."""
    return {
        'model': network.model,
        'output stride': str(network.output_stride),
        'execution provider': network.execution_provider,
        'execution provider notices': '; '.join(network.notices) or '-',
    }


def _silence(camera: CameraReport) -> _Problem | None:
    snapshot = camera.snapshot
    if not camera.is_silent:
        return None
    seconds = f'{camera.silence:.0f} s'
    never = snapshot.since_last_image is None
    message = f'no image yet, {seconds} after activation' if never else f'no image for {seconds}'
    cause = camera.silence_cause
    return _Problem(DiagnosticStatus.STALE, f'{message}: {cause}' if cause else message)


def _refusals(camera: CameraReport) -> _Problem | None:
    refused = camera.since_previous('refused')
    if not refused:
        return None
    reason = camera.snapshot.last_refusal
    if camera.since_previous('processed'):
        return _Problem(DiagnosticStatus.WARN, f'{_images(refused)} refused: {reason}')
    return _Problem(DiagnosticStatus.ERROR, f'every image refused: {reason}')


def _hang(camera: CameraReport) -> _Problem | None:
    waiting, busy = camera.snapshot.waiting, camera.activity.processing
    if waiting >= camera.timeout:
        message = f'images arrive, but none was processed for {waiting:.0f} s'
    elif busy >= camera.timeout:
        message = f'the network has been busy with other images for {busy:.0f} s'
    else:
        return None
    return _Problem(DiagnosticStatus.ERROR, f'{message}: is the machine overloaded?')


def _losses(camera: CameraReport) -> _Problem | None:
    lost = camera.since_previous('lost')
    if not lost:
        return None
    remedy = 'README, "Lost images" and "Camera on another host"'
    return _Problem(DiagnosticStatus.WARN, f'{_images(lost)} lost by the middleware ({remedy})')


def _incompatible_peers(camera: CameraReport) -> _Problem | None:
    if not camera.incompatible_peers:
        return None
    policies = dict.fromkeys(one.policy for one in camera.incompatible_peers)
    remedies = (f'{policy}: {_REMEDIES.get(policy, _ANY_REMEDY)}' for policy in policies)
    message = f'a peer exchanges no messages, as its QoS is incompatible: {", ".join(remedies)}'
    return _Problem(DiagnosticStatus.WARN, message)


def _several_publishers(camera: CameraReport) -> _Problem | None:
    if not camera.publishers:
        return None
    return _Problem(DiagnosticStatus.WARN, several_publishers(camera.publishers))


def _missing_depth(camera: CameraReport) -> _Problem | None:
    message = describe_missing_depth(camera.previous.depth, camera.snapshot.depth)
    return _Problem(DiagnosticStatus.WARN, message) if message else None


# The most severe problem comes first, because its level becomes the level of the status.
_CHECKS = (
    _silence, _hang, _refusals, _losses, _several_publishers, _incompatible_peers, _missing_depth
)  # fmt: skip


def _activity(camera: CameraReport) -> str:
    """Return the message for a camera without problems."""
    snapshot = camera.snapshot
    if camera.since_previous('skipped') and not camera.since_previous('processed'):
        return 'images are skipped: nobody subscribes to any output'
    if snapshot.people is None:
        return 'no image processed yet'
    people = '1 person' if snapshot.people == 1 else f'{snapshot.people} people'
    return f'{snapshot.rate_out:.1f} images/s, {people}'


def _values(camera: CameraReport) -> dict[str, str]:
    snapshot = camera.snapshot
    peers = [f'{one.count} on {one.topic} ({one.policy})' for one in camera.incompatible_peers]
    return {
        'images received': str(snapshot.received),
        'images processed': str(snapshot.processed),
        'images replaced by newer ones': _replaced(snapshot.replaced),
        'images refused': str(snapshot.refused),
        'last refusal': snapshot.last_refusal or '-',
        'images lost': str(snapshot.lost),
        'images skipped (no subscribers)': str(snapshot.skipped),
        'rate in (Hz)': f'{snapshot.rate_in:.1f}',
        'rate out (Hz)': f'{snapshot.rate_out:.1f}',
        'latency median (ms)': _milliseconds(snapshot.latency_median),
        'latency p95 (ms)': _milliseconds(snapshot.latency_p95),
        'people': '-' if snapshot.people is None else str(snapshot.people),
        **_closer_look(snapshot),
        **depth_values(snapshot.depth),
        **({'not located on the ground': snapshot.ground_fault} if snapshot.ground_fault else {}),
        'input size': _size(snapshot.input_size),
        'peers with incompatible QoS': ', '.join(peers) or '0',
    }


def _closer_look(snapshot: Snapshot) -> dict[str, str]:
    if snapshot.regions is None:
        return {}
    return {
        'whole image processed (% of images)': f'{100 * (snapshot.searches or 0):.0f}',
        'regions processed per image': f'{snapshot.regions:.1f}',
        'people without a region per image': f'{snapshot.left_out:.1f}',
    }


def _key_values(values: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=cut(value)) for key, value in values.items()]


def _replaced(count: int | None) -> str:
    if count is None:
        return 'not available: this ROS release or middleware does not number messages'
    return str(count)


def _milliseconds(seconds: float | None) -> str:
    return '-' if seconds is None else f'{seconds * 1000:.1f}'


def _size(size: Size | None) -> str:
    return '-' if size is None else f'{size[0]}x{size[1]}'


def _images(count: int) -> str:
    return '1 image' if count == 1 else f'{count} images'
