"""
Ways to move the tensors of a run to the device and back: the package's, and others.

They differ in the number of copies, in the memory that is copied from, and in when they wait.
"""

from collections.abc import Callable

from gpu_checks.speed.bindings import PinnedBlocks, SeparateTensors
from gpu_checks.speed.networks import MeasuredNetwork
import numpy as np

from posenet_ros.inference.graph import Feed
from posenet_ros.inference.graph_runs import Outputs

_FRACTIONS = ('row_fractions', 'column_fractions')
_HEATMAP = 'heatmap_scores'

Calls = dict[str, Callable[[], object]]


class Moves:
    """The package's way to move the tensors of a run, and others."""

    def __init__(self, measured: MeasuredNetwork, feed: Feed) -> None:
        """Allocate buffers for each way, and run each once."""
        self._feed = feed
        self._stream = measured.stream
        # Otherwise, what is enqueued on the stream and the runs must wait for each other.
        self._is_on_stream = measured.is_on_stream
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
        """Free the memory; no call may follow."""
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
        self._upload_in_order()
        self._run_in_order()
        self._pinned.enqueue_download()
        self._pinned.wait()

    def _upload_in_order(self) -> None:
        self._pinned.enqueue_upload()
        if not self._is_on_stream:
            self._pinned.wait()

    def _run_in_order(self) -> None:
        self._run_pinned(wait=not self._is_on_stream)

    def _upload_enqueued(self) -> None:
        self._pinned.enqueue_upload()
        self._pinned.wait()

    def _run_enqueued(self) -> None:
        self._run_in_order()
        self._pinned.wait()
