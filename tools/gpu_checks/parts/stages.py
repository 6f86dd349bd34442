"""
Speed by stage: sampling, upload, session, download and decoding, for images of several sizes.

All calls take turns in one process. The target of the project is that image to poses takes at most
1.3 times the GPU's own time of the session plus 0.5 ms.
"""

from gpu_checks.correctness.subjects import IMAGE_SIZES, people
from gpu_checks.gpu.stream import open_stream
from gpu_checks.plan import Plan, Result
from gpu_checks.speed.image_stages import describe_stages, GPU, shares, stage_calls, WHOLE
from gpu_checks.speed.networks import open_network, Variant
from gpu_checks.speed.replay_wait import find_replay_wait
from gpu_checks.speed.timing import QUICK_ROUNDS, ROUNDS, time_in_turns, TimeLimit
from gpu_checks.targets import at_most

from posenet_ros.settings import PoseSettings

_INPUT = '257x257'
_SECONDS = 6.0
# Seconds after which no further image is measured.
_BUDGET_S = 35.0

# The target, for images of the first size.
_FACTOR = 1.3
_EXTRA_MS = 0.5


def measure(plan: Plan) -> Result:
    """Return the milliseconds of each stage, their shares, and the target."""
    limit, stream = TimeLimit(plan.allow(_BUDGET_S)), open_stream(plan)
    measured = open_network(plan, Variant(), stream)
    settings = PoseSettings(input_size=_INPUT)
    rows: list[Result] = []
    parts, missing = [], []
    for name, size in list(IMAGE_SIZES.items())[: 1 if plan.quick else None]:
        if rows and limit.is_over:
            missing.append(f'{name}: the time was used up')
            continue
        calls = stage_calls(measured, [people(*size)], settings)
        rounds = QUICK_ROUNDS if plan.quick else ROUNDS
        row = describe_stages(time_in_turns(calls, rounds, seconds=_SECONDS))
        rows.append({'image': name, 'input': _INPUT, **row})
        parts.append({'image': name, 'input': _INPUT, **shares(row)})
    return {
        'clock': stream.clock,
        'replay_waits': find_replay_wait(measured),
        **measured.describe(),
        'milliseconds': rows,
        'percent': parts,
        'missing': missing,
        'targets': [_target(rows[0], is_rehearsal=plan.is_rehearsal)],
    }


def _target(row: Result, *, is_rehearsal: bool) -> Result:
    """Return the target of a row; undecided where the GPU's own time is not known."""
    decided = not is_rehearsal and row[GPU] is not None
    limit = round(_FACTOR * (row[GPU] or row['session']) + _EXTRA_MS, 3)
    what = f'image to poses of {row["image"]} at {row["input"]}'
    return at_most(what, row[WHOLE] if decided else None, limit, 'ms')
