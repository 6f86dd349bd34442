"""
Compare each precision with float32 on the CPU.

`make precision` runs this program. Input: the pictures of test/support/golden.py and those on the
command line: image files, folders of them, and videos, of which every 40th frame is used. Output:
the table in docs/precision.md.

Each precision runs in its own process. The processes take turns, so that other load on the machine
affects all of them alike. Times are of the network's session alone, on a 640x480 image.

bfloat16 needs a Python with numpy and onnxruntime-openvino, passed as --openvino; otherwise, that
row is left out.
"""

import argparse
from collections.abc import Iterator, Sequence
import json
from pathlib import Path
import pickle
import subprocess
import sys
import textwrap
from typing import Any

import cv2
from golden import CASES_WITH_PICTURE
import numpy as np
from numpy.typing import NDArray
from precision_table import render_machine, render_table

from posenet_ros.errors import PosenetError
from posenet_ros.estimation.agreement import Agreement, nearest_distances
from posenet_ros.framing.framing import Framing, Size
from posenet_ros.framing.whole_image import letterboxed, stretched
from posenet_ros.image_files import read_image
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.graph_feed import graph_inputs
from posenet_ros.posenet.heads import CHANNELS, Heads
from posenet_ros.posenet.weights.store import find_graph
from posenet_ros.poses import Pose

Image = NDArray[np.uint8]

_PAGE = Path(__file__).parent.parent / 'docs' / 'precision.md'
_BEGIN, _END = '<!-- written by make precision -->\n', '<!-- end -->\n'
_WORKER = Path(__file__).with_name('precision_worker.py')
_OUTPUT_STRIDE = 16
_INPUT_SIZES: tuple[Size, ...] = ((257, 257), (353, 481), (481, 641))
_TIMED_SIZES: tuple[Size, ...] = ((257, 257), (481, 641))
_EVERY_FRAME = 40
_BFLOAT16 = {
    'device_type': 'CPU',
    'load_config': json.dumps({'CPU': {'INFERENCE_PRECISION_HINT': 'bf16'}}),
}


class Worker:
    """A session in a separate process."""

    def __init__(self, python: str, graph: Path, provider: str, options: dict[str, str]) -> None:
        """Start it; raises SystemExit if it does not run on the provider."""
        command = [python, str(_WORKER), str(graph), provider, json.dumps(options)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.version, taken = self._read()
        if taken != provider:
            raise SystemExit(f'{graph} runs on {taken}, not on {provider}')

    def run(self, image: Image, framing: Framing, runs: int = 1) -> tuple[Heads, float]:
        """Return the heads of an image, and the median time of the runs in milliseconds."""
        assert self._process.stdin
        inputs = graph_inputs([image], [framing])
        pickle.dump((list(CHANNELS), inputs, runs), self._process.stdin)
        self._process.stdin.flush()
        values, milliseconds = self._read()
        heads = dict(zip(CHANNELS, values, strict=True))
        return Heads(**heads, output_stride=_OUTPUT_STRIDE), milliseconds

    def stop(self) -> None:
        """Close the process's input, and wait until it has ended."""
        self._process.communicate()

    def _read(self) -> Any:
        assert self._process.stdout
        return pickle.load(self._process.stdout)


def main() -> None:
    """Measure, and write the table to the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('picture', nargs='*', type=Path)
    parser.add_argument('--openvino', default='', help='Python that has onnxruntime-openvino')
    parser.add_argument('--rounds', type=int, default=25)
    parser.add_argument('--model', default='mobilenet_v1_075')
    parsed = parser.parse_args()
    images = [*_golden(), *(image for path in parsed.picture for image in _read(path))]
    workers = _start(parsed.model, parsed.openvino)
    agreements = _compare(workers, images)
    times = {size: _time(workers, size, parsed.rounds) for size in _TIMED_SIZES}
    text = render_table(agreements, times)
    text += _describe(parsed.model, agreements['float32'], len(images), parsed.rounds)
    text += render_machine({name: worker.version for name, worker in workers.items()})
    for worker in workers.values():
        worker.stop()
    page = _PAGE.read_text()
    begin, end = page.index(_BEGIN) + len(_BEGIN), page.index(_END)
    _PAGE.write_text(page[:begin] + text + page[end:])


def _start(model: str, openvino: str) -> dict[str, Worker]:
    plain = find_graph(model, _OUTPUT_STRIDE)
    small = find_graph(model, _OUTPUT_STRIDE, 'int8')
    workers = {'float32': Worker(sys.executable, plain, 'CPUExecutionProvider', {})}
    if openvino:
        workers['bfloat16'] = Worker(openvino, plain, 'OpenVINOExecutionProvider', _BFLOAT16)
    workers['int8'] = Worker(sys.executable, small, 'CPUExecutionProvider', {})
    return workers


def _golden() -> list[Image]:
    pictures = {case.figures['image']: case for case in CASES_WITH_PICTURE.values()}
    return [case.picture() for case in pictures.values()]


def _read(path: Path) -> Iterator[Image]:
    """Yield an image, the images of a folder, or frames of a video."""
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            yield from _read(entry)
        return
    try:
        yield read_image(path)
        return
    except PosenetError:
        video = cv2.VideoCapture(str(path))
    number = 0
    while (frame := video.read())[0]:
        if number % _EVERY_FRAME == 0:
            yield np.asarray(cv2.cvtColor(frame[1], cv2.COLOR_BGR2RGB), np.uint8)
        number += 1
    if not number:
        raise SystemExit(f'{path} is neither an image nor a video')


def _compare(workers: dict[str, Worker], images: Sequence[Image]) -> dict[str, Agreement]:
    distances: dict[str, list[NDArray[np.float64]]] = {name: [] for name in workers}
    for image in images:
        for size in _INPUT_SIZES:
            shape = image.shape[0], image.shape[1]
            framing = letterboxed(shape, input_size=size, output_stride=_OUTPUT_STRIDE)
            poses = {
                name: _decode(worker.run(image, framing)[0]) for name, worker in workers.items()
            }
            for name, others in poses.items():
                distances[name] += [
                    nearest_distances(pose, others, np.ones(2)) for pose in poses['float32']
                ]
    return {name: Agreement(np.concatenate(found)) for name, found in distances.items()}


def _decode(heads: Heads) -> list[Pose]:
    return decode_multiple_poses(
        heads, max_pose_detections=5, score_threshold=0.5, nms_radius=20.0, min_pose_score=0.0
    )


def _time(workers: dict[str, Worker], size: Size, rounds: int) -> dict[str, NDArray[np.float64]]:
    """Return the times of each precision in milliseconds: the median of each round."""
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    times: dict[str, list[float]] = {name: [] for name in workers}
    framing = stretched((480, 640), size)
    for _ in range(rounds):
        for name, worker in workers.items():
            worker.run(image, framing, 2)  # its threads were idle
            times[name].append(worker.run(image, framing, 10)[1])
    return {name: np.array(of_rounds) for name, of_rounds in times.items()}


def _describe(model: str, float32: Agreement, pictures: int, rounds: int) -> str:
    text = (
        f'{model}, output stride {_OUTPUT_STRIDE}; {float32.distances.size} keypoints in '
        f'{pictures} pictures at {len(_INPUT_SIZES)} input sizes. '
        f'Times are those of the fastest of {rounds} rounds, with their ratio to float32 and, in '
        'brackets, the median of the ratios in each round.'
    )
    return f'\n{textwrap.fill(text, 99)}\n\n'


if __name__ == '__main__':
    main()
