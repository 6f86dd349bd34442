"""The part of the GPU check that runs the node, rehearsed on the CPU over real DDS."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from domains import claim_domain
from golden import ROOT
from gpu_checks.parts.node import evaluate, measure
from gpu_checks.plan import Plan
import pytest

REHEARSAL = Plan(provider='cpu', device_id=0, quick=True)


def case(*, batch: int = 1, cameras: int = 8, **figures: float) -> dict[str, Any]:
    """Return a case in which all 240 images per second are processed within 5 ms."""
    usual = {'rate': 30.0, 'share': 1.0, 'processed_hz': 240.0, 'latency_ms': 5.0}
    return {'max_batch_size': batch, 'cameras': cameras, **usual, **figures}


@pytest.mark.usefixtures('network_075')
def test_a_quick_rehearsal_receives_poses_from_a_node_with_several_cameras() -> None:
    claim_domain()  # the programs that it starts share it
    found = measure(REHEARSAL)
    (measured,) = found['cases']
    assert (measured['max_batch_size'], measured['cameras'], measured['rate']) == (2, 2, 30.0)
    assert 0 < measured['share'] <= 1
    assert 0 < measured['latency_ms'] <= measured['latency_p95_ms']
    assert measured['transport_share'] > 0
    assert 'on CPUExecutionProvider' in found['logs']['2'][0]
    assert {target['met'] for target in found['targets']} == {None}
    json.dumps(found, allow_nan=False)


def test_without_ros_there_are_no_cases_and_the_reason_is_given(tmp_path: Path) -> None:
    # As if rclpy was not installed.
    (tmp_path / 'rclpy.py').write_text('raise ModuleNotFoundError("no rclpy")')
    program = (
        'import json, sys\n'
        f'sys.path[:0] = {[str(tmp_path), str(ROOT / "tools")]!r}\n'
        'from gpu_checks.parts.node import measure\n'
        'from gpu_checks.plan import Plan\n'
        f'print(json.dumps(measure({REHEARSAL!r})))'
    )
    done = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found['cases'] is None
    assert 'no rclpy' in found['reason']
    assert {target['met'] for target in found['targets']} == {None}


def met(*cases: dict[str, Any]) -> list[bool | None]:
    return [target['met'] for target in evaluate(cases)]


def test_the_targets_are_met_if_one_batch_size_meets_them_all() -> None:
    slow, lossy = case(batch=1, latency_ms=9.0), case(batch=4, share=0.9, latency_ms=1.0)
    assert met(slow, lossy, case(batch=8)) == [True, True, True]
    assert 'max_batch_size 8' in evaluate([slow, lossy, case(batch=8)])[0]['what']
    assert met(slow, lossy) == [True, True, False]
    assert met(lossy) == [False, True, True]


def test_images_that_were_not_published_do_not_count_as_processed() -> None:
    assert met(case(processed_hz=120.0)) == [True, False, True]


def test_only_eight_cameras_at_30_hz_decide_the_targets() -> None:
    assert met(case(cameras=4), case(rate=60.0, latency_ms=99.0)) == [None, None, None]


def test_a_node_that_published_nothing_meets_no_target() -> None:
    nothing = {**case(share=0.0, processed_hz=0.0), 'latency_ms': None}
    assert met(nothing) == [False, False, None]
