"""
Measure each precision on the CPU against float32 and write the table of docs/precision.md.

Run by `make precision`. Each precision has a process of its own, and they take turns: a round of
runs each, so that whatever else the machine does meets all of them. Speed is the network's session
alone, on a 640x480 image. Poses are compared on the pictures of test/golden.py and those that are
named: image files, folders of them, and videos, of which every 40th frame counts.

bfloat16 needs a Python that has numpy and onnxruntime-openvino, named by --openvino; without it
that row is left out.
"""

import argparse
from collections.abc import Iterator, Sequence
import datetime
from importlib.metadata import version
import json
from pathlib import Path
import pickle
import platform
import subprocess
import sys
from typing import Any

import cv2
from golden import CASES_WITH_PICTURE
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import PosenetError
from posenet_ros.estimation.agreement import Agreement, nearest_distances
from posenet_ros.framing.framing import Size
from posenet_ros.framing.whole_image import letterboxed
from posenet_ros.image_files import read_image
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.heads import CHANNELS, Heads
from posenet_ros.posenet.weights.store import find_graph
from posenet_ros.poses import Pose

Image = NDArray[np.uint8]

_PAGE = Path(__file__).parent.parent / 'docs' / 'precision.md'
_BEGIN, _END = '<!-- written by make precision -->\n', '<!-- until here -->\n'
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
    """A session in a process of its own."""

    def __init__(self, python: str, graph: Path, provider: str, options: dict[str, str]) -> None:
        """Start it; raises SystemExit where it does not run on the provider."""
        command = [python, str(_WORKER), str(graph), provider, json.dumps(options)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.version, taken = self._read()
        if taken != provider:
            raise SystemExit(f'{graph} runs on {taken}, not on {provider}')

    def run(self, image: Image, input_size: Size, runs: int = 1) -> tuple[Heads, float]:
        """Return the heads of an image, and the median time of the runs in milliseconds."""
        assert self._process.stdin
        pickle.dump((list(CHANNELS), image, input_size, runs), self._process.stdin)
        self._process.stdin.flush()
        values, milliseconds = self._read()
        heads = dict(zip(CHANNELS, values, strict=True))
        return Heads(**heads, output_stride=_OUTPUT_STRIDE), milliseconds

    def stop(self) -> None:
        """Let the process end."""
        self._process.communicate()

    def _read(self) -> Any:
        assert self._process.stdout
        return pickle.load(self._process.stdout)


def main() -> None:
    """Measure, and put the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('picture', nargs='*', type=Path)
    parser.add_argument('--openvino', default='', help='Python with onnxruntime-openvino')
    parser.add_argument('--rounds', type=int, default=25)
    parser.add_argument('--model', default='mobilenet_v1_075')
    parsed = parser.parse_args()
    images = [*_golden(), *(image for path in parsed.picture for image in _read(path))]
    workers = _start(parsed.model, parsed.openvino)
    agreements = _compare(workers, images)
    times = {size: _time(workers, size, parsed.rounds) for size in _TIMED_SIZES}
    text = ''.join(_table(parsed.model, workers, agreements, times, len(images)))
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
    """Give the image, the images of a folder, or frames of a video."""
    if path.is_dir():
        for inside in sorted(path.iterdir()):
            yield from _read(inside)
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
            padded = framing.pad(image)
            poses = {
                name: _decode(worker.run(padded, size)[0]) for name, worker in workers.items()
            }
            for name, others in poses.items():
                distances[name] += [
                    nearest_distances(pose, others, np.ones(2)) for pose in poses['float32']
                ]
    return {name: Agreement(np.concatenate(found)) for name, found in distances.items()}


def _decode(heads: Heads) -> list[Pose]:
    return decode_multiple_poses(
        heads, max_pose_detections=5, score_threshold=0.5, nms_radius=20.0
    )


def _time(workers: dict[str, Worker], size: Size, rounds: int) -> dict[str, NDArray[np.float64]]:
    """Return the times of each precision, in milliseconds, a median for each round."""
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    times: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            worker.run(image, size, 2)  # awake again
            times[name].append(worker.run(image, size, 10)[1])
    return {name: np.array(of_rounds) for name, of_rounds in times.items()}


def _table(
    model: str,
    workers: dict[str, Worker],
    agreements: dict[str, Agreement],
    times: dict[Size, dict[str, NDArray[np.float64]]],
    pictures: int,
) -> Iterator[str]:
    timed = ' | '.join(f'time at {height}x{width}' for height, width in times)
    yield f'| precision | {timed} | median | within 0.5 px | 1.5 px | 4 px |\n'
    yield '| --- ' * (5 + len(times)) + '|\n'
    for name, found in agreements.items():
        cells = [_time_cell(of_size[name], of_size['float32']) for of_size in times.values()]
        shares = [f'{100 * found.share_within(pixels):.1f} %' for pixels in (0.5, 1.5, 4)]
        yield f'| {" | ".join([name, *cells, f"{found.median:.2f} px", *shares])} |\n'
    keypoints = agreements['float32'].distances.size
    rounds = len(times[_TIMED_SIZES[0]]['float32'])
    runtimes = ', '.join(f'{name}: {worker.version}' for name, worker in workers.items())
    yield (
        f'\n{model}, output stride {_OUTPUT_STRIDE}; {keypoints} keypoints in {pictures} pictures '
        f'at {len(_INPUT_SIZES)} input sizes.\nTimes: of the fastest of {rounds} rounds, its '
        f'ratio to that of float32, and (in brackets) the median of the ratios in each round.\n\n'
        f'{_processor()}; Python '
        f'{platform.python_version()}, NumPy {version("numpy")}; ONNX Runtime of each: '
        f'{runtimes}; {datetime.date.today()}.\n'
    )


def _time_cell(times: NDArray[np.float64], float32: NDArray[np.float64]) -> str:
    least, ratio = times.min(), times.min() / float32.min()
    return f'{least:.1f} ms, {ratio:.2f} x ({np.median(times / float32):.2f} x)'


def _processor() -> str:
    """Return the name of the CPU, what it has for reduced precision, and how many there are."""
    rows = [line.partition(':') for line in Path('/proc/cpuinfo').read_text().splitlines()]
    facts = {key.strip(): value.strip() for key, _, value in rows}
    extras = [
        name for name in ('avx512_vnni', 'avx_vnni', 'avx512_bf16', 'amx_bf16')
        if name in facts.get('flags', '').split()
    ]  # fmt: skip
    cores = sum(key.strip() == 'processor' for key, _, _ in rows)
    return f'{facts.get("model name", "unknown CPU")}, {cores} cores ({", ".join(extras)})'


if __name__ == '__main__':
    main()
