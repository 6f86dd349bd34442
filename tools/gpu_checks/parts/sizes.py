"""Speed by size: of the network input, at output strides 16 and 8, and of the image."""

from gpu_checks.correctness.subjects import people
from gpu_checks.gpu.stream import open_stream
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed.image_stages import describe_stages, shares, stage_calls
from gpu_checks.speed.networks import MeasuredNetwork, open_network, Variant
from gpu_checks.speed.timing import QUICK_ROUNDS, ROUNDS, time_in_turns, TimeLimit

from posenet_ros.settings import PoseSettings

_STRIDES = (16, 8)
#: HEIGHTxWIDTH of the network input, for an image of 1920x1080.
_INPUTS = ('257x257', '353x481', '481x641', '801x1073')
_IMAGE = '1920x1080'
#: (height, width) of images, for the first input at the first stride.
_IMAGES = {
    '640x480': (480, 640),
    '1280x720': (720, 1280),
    '1920x1080': (1080, 1920),
    '3840x2160': (2160, 3840),
}
_SECONDS = 2.5


def measure(plan: Plan) -> Result:
    """Return the milliseconds and the percentage of each stage by size."""
    if plan.provider == 'tensorrt':
        return {'rows': None, 'reason': 'TensorRT builds an engine for each, in minutes'}
    limit, stream = TimeLimit(), open_stream(plan)
    rows, described, missing = [], [], []
    for stride in _STRIDES:
        own: list[Result] = []
        try:
            measured = open_network(plan, Variant(output_stride=stride), stream)
            for image, size in _cases(plan, stride):
                if limit.is_over:
                    missing.append(f'stride {stride}, {image} at {size}: the time was used up')
                else:
                    own.append(_row(plan, measured, image, size))
            described.append(measured.describe())
        except Exception as error:  # of any library; the other stride may work
            missing.append(f'stride {stride}: {describe_error(error)}')
            continue
        rows += own
    names = ('stride', 'image', 'input')
    return {
        'clock': stream.clock,
        'networks': described,
        'milliseconds': rows,
        'percent': [{**{name: row[name] for name in names}, **shares(row)} for row in rows],
        'missing': missing,
    }


def _cases(plan: Plan, stride: int) -> list[tuple[str, str]]:
    """Return the images and input sizes to measure at a stride."""
    inputs = [(_IMAGE, size) for size in _INPUTS[: 1 if plan.quick else None]]
    if stride != _STRIDES[0]:
        return inputs
    images = [(image, _INPUTS[0]) for image in _IMAGES if image != _IMAGE]
    return [*images[: 1 if plan.quick else None], *inputs]


def _row(plan: Plan, measured: MeasuredNetwork, image: str, size: str) -> Result:
    """Return the milliseconds of each stage, for an image and an input size."""
    calls = stage_calls(measured, [people(*_IMAGES[image])], PoseSettings(input_size=size))
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    times = time_in_turns(calls, rounds, seconds=_SECONDS)
    stride = measured.network.output_stride
    return {'stride': stride, 'image': image, 'input': size, **describe_stages(times)}
