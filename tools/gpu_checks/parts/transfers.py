"""
What other ways of moving data would give: figures for the next improvement.

Compared with the package's own way are a copy for each tensor, pinned host memory, a stream
without waiting between the steps, runs that are not replayed, and sampling on the device.
"""

from collections.abc import Callable, Mapping

from gpu_checks import probes
from gpu_checks.bindings import PinnedBlocks, SeparateTensors
from gpu_checks.networks import MeasuredNetwork, open_network, Variant
from gpu_checks.plan import Plan, Result
from gpu_checks.stream import open_stream, Stream
from gpu_checks.subjects import people
from gpu_checks.timing import median, p95, QUICK_ROUNDS, ROUNDS, time_in_turns, time_wall
import numpy as np

from posenet_ros.framing.sampling import sample_images
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.graph import Feed
from posenet_ros.inference.graph_runs import Outputs
from posenet_ros.posenet.graph_feed import make_feed

#: The case of a node with the default network, and one with much to move.
_CASES = ((16, (257, 257)), (8, (481, 641)))
_IMAGES = {'640x480': (480, 640), '1920x1080': (1080, 1920), '3840x2160': (2160, 3840)}
_INPUT = (257, 257)
_SECONDS = 4.0

_FRACTIONS = ('row_fractions', 'column_fractions')
_HEATMAP = 'heatmap_scores'

Calls = dict[str, Callable[[], object]]


def measure(plan: Plan) -> Result:
    """Return the milliseconds of each way to upload, to run, to download, and to sample."""
    stream = open_stream(plan)
    copies: list[Result] = []
    runs: list[Result] = []
    agreed = []
    for stride, size in _CASES[: 1 if plan.quick or plan.provider == 'tensorrt' else None]:
        measured = open_network(plan, Variant(output_stride=stride), stream)
        case = {'stride': stride, 'input': f'{size[0]}x{size[1]}'}
        ways = _Ways(measured, make_feed([people(*size)], [stretched(size, size)], stride))
        copies += [{**case, **row} for row in _time(plan, ways.copies())]
        runs += [{**case, **row} for row in _time(plan, ways.runs())]
        agreed.append(ways.agree())
        ways.close()
        measured.describe()
    return {
        'clock': stream.clock,
        'copies': copies,
        'runs': runs,
        'sampling': [
            _sampling(plan, stream, name) for name in list(_IMAGES)[: 1 if plan.quick else None]
        ],
    }


def _time(plan: Plan, calls: Mapping[str, Callable[[], object]]) -> list[Result]:
    """Return the median and the 95th percentile of each call; all take turns."""
    timed = {name: time_wall(call) for name, call in calls.items()}
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    times = time_in_turns(timed, rounds, seconds=_SECONDS)
    return [{'way': name, 'ms': median(one), 'p95_ms': p95(one)} for name, one in times.items()]


class _Ways:
    """The package's way to move the tensors of a run, and others."""

    def __init__(self, measured: MeasuredNetwork, feed: Feed) -> None:
        self._feed = feed
        self._stream = measured.stream
        self._own = measured.buffers(feed)
        self._separate = SeparateTensors(measured, feed)
        self._pinned = PinnedBlocks(measured, feed)
        self._run_own = measured.runs(self._own.binding).run
        self._run_separate = measured.runs(self._separate.binding).run
        self._run_pinned = measured.runs(self._pinned.binding).run
        self._heads = np.empty_like(self._pinned.outputs)
        self._pinned.fill()
        for whole in (self._whole_own, self._whole_separate, self._whole_pinned):
            whole()

    def copies(self) -> Calls:
        """Return the ways to copy the inputs to the device, and the outputs back."""
        pinned, stream = self._pinned, self._stream
        to_device, from_device = pinned.input_address, pinned.output_address
        return {
            'upload: package': lambda: self._own.upload(self._feed),
            'upload: each input': self._separate.upload,
            'upload: fractions alone': lambda: self._separate.upload(*_FRACTIONS),
            'upload: driver, pageable': lambda: stream.upload(to_device, pinned.source),
            'upload: driver, pinned': lambda: stream.upload(to_device, pinned.inputs),
            'upload: enqueued, pinned': self._upload_enqueued,
            'upload: only copy to pinned memory': pinned.fill,
            'wait: nothing was enqueued': self._own.binding.synchronize_outputs,
            'download: package': self._own.download,
            'download: each output': self._separate.download,
            'download: heatmap alone': lambda: self._separate.download(_HEATMAP),
            'download: driver, pageable': lambda: stream.download(self._heads, from_device),
            'download: driver, pinned': lambda: stream.download(pinned.outputs, from_device),
            'download: only copy from pinned memory': pinned.heads,
        }

    def runs(self) -> Calls:
        """Return the ways to upload, run and download."""
        return {
            'package': self._whole_own,
            'each input, each output': self._whole_separate,
            'one stream, pinned': self._whole_pinned,
            'one stream, pinned, no copies on the CPU': self._whole_in_place,
            'session: package': self._run_own,
            'session: not replayed': lambda: self._run_own(replay=False),
            'session: enqueued, then wait': self._run_enqueued,
        }

    def agree(self) -> bool:
        """Return whether all ways give the same heads, and others for other inputs."""
        heatmaps = []
        for value in (0, 200):
            self._pinned.source[:] = value
            own, separate, pinned = (
                whole() for whole in (self._whole_own, self._whole_separate, self._whole_pinned)
            )
            for one, other, third in zip(own, separate, pinned, strict=True):
                if not (np.array_equal(one, other) and np.array_equal(one, third)):
                    return False
            heatmaps.append(own[0])
        first, second = heatmaps
        return not np.array_equal(first, second)

    def close(self) -> None:
        self._pinned.close()

    def _whole_own(self) -> Outputs:
        self._own.upload(self._feed)
        self._run_own()
        return self._own.download()

    def _whole_separate(self) -> Outputs:
        self._separate.upload()
        self._run_separate()
        self._separate.binding.synchronize_outputs()
        return self._separate.download()

    def _whole_pinned(self) -> Outputs:
        self._pinned.fill()
        self._whole_in_place()
        return self._pinned.heads()

    def _whole_in_place(self) -> None:
        self._pinned.enqueue_upload()
        self._run_pinned(wait=False)
        self._pinned.enqueue_download()
        self._pinned.wait()

    def _upload_enqueued(self) -> None:
        self._pinned.enqueue_upload()
        self._pinned.wait()

    def _run_enqueued(self) -> None:
        self._run_pinned(wait=False)
        self._pinned.wait()


def _sampling(plan: Plan, stream: Stream, name: str) -> Result:
    """Return what sampling costs on the CPU, and what it would cost on the device."""
    size = _IMAGES[name]
    image = people(*size)
    framing = stretched(size, _INPUT)
    samples = sample_images([image], [framing]).neighbours.base
    assert samples is not None
    pinned = image.copy()
    stream.pin(pinned)
    probe = probes.sampling(plan, stream, size, _INPUT)
    address = stream.allocate(max(image.nbytes, samples.nbytes))
    probe.run()
    calls = {
        'sample_on_cpu_ms': time_wall(lambda: sample_images([image], [framing])),
        'upload_samples_ms': time_wall(lambda: stream.upload(address, samples)),
        'upload_image_ms': time_wall(lambda: stream.upload(address, image)),
        'upload_pinned_image_ms': time_wall(lambda: stream.upload(address, pinned)),
        'sample_on_device_ms': probe.time,
    }
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    times = time_in_turns(calls, rounds, seconds=_SECONDS)
    stream.unpin(pinned)
    stream.free(address)
    return {'image': name, **{call: median(one) for call, one in times.items()}}
