"""
Whether a replayed run can be enqueued without waiting for its end.

Releases of ONNX Runtime before its pull request 28686 (June 2026) wait for it. With these, the
GPU's time between two events includes the time in which the CPU wakes up.
"""

from gpu_checks.correctness.subjects import people
from gpu_checks.speed.networks import MeasuredNetwork
from gpu_checks.speed.timing import median, time_in_turns, time_wall

from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.graph_feed import make_feed

_SIZE = (257, 257)
_ROUNDS = 20
_SECONDS = 1.0
# A run that is only enqueued takes less than this share of the time of one that waits.
_MAX_SHARE = 0.8


def find_replay_wait(measured: MeasuredNetwork) -> bool | None:
    """Return whether a run that should only be enqueued waits; None if runs are not replayed."""
    if not measured.replays:
        return None
    feed = make_feed([people(*_SIZE)], [stretched(_SIZE, _SIZE)], measured.network.output_stride)
    buffers = measured.buffers(feed)
    runs = measured.runs(buffers.binding)
    buffers.upload(feed)
    runs.run()
    enqueue = time_wall(lambda: runs.run(wait=False))

    def enqueue_alone() -> float:
        taken = enqueue()
        runs.run()  # waits for both
        return taken

    calls = {'waiting': time_wall(runs.run), 'enqueued': enqueue_alone}
    times = time_in_turns(calls, _ROUNDS, seconds=_SECONDS)
    return median(times['enqueued']) > _MAX_SHARE * median(times['waiting'])
