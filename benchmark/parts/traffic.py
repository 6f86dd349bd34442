"""
Measure the node in a separate process, over DDS, and the lower bounds of its figures.

Input: the number of rounds, the duration of a slice, image sizes, numbers of cameras and the
node's parameters. Output: latency, rates and costs by image size, number of cameras and load.

All processes run during the whole measurement: the node, a feeder of images, a listener to poses
and a listener to images. Slices of a second or two alternate:

- `node`: the feeder publishes to the node; measured from an image's stamp until its poses are
  received;
- `transport`: the feeder publishes at the same rate to the listener to images; measured from an
  image's stamp until it is received;
- `session_fed`: like `transport`, while this process runs the bare session in a loop: the speed of
  the network on a machine that also transports these images;
- `session`: nothing is published; the bare session runs in a loop;
- `session_paced`: nothing is published; the bare session runs 30 times a second, idle in between.

Feeder, listeners, node and bare session are separate processes, so that none waits for another's
interpreter lock. A process that is not part of a slice is idle.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
import tempfile
import time
from typing import Any

from parts.session import bare_run, estimator, INPUT_SIZE
from parts.tally import Tally
from parts.timing import Call, summarize, time_in_a_loop
from programs.pictures import picture, SIZES
from programs.processes import Program, start_feeder, start_listener, start_node
from programs.records import read_records, Records

CAMERAS = (1, 2, 4)
#: Rate of each camera in Hz.
USUAL_RATE = 30.0
#: When flooding, the cameras together publish this multiple of the bare session's rate.
FLOOD = 1.5
#: The same total rate from one of several cameras, while the others publish nothing.
FLOOD_OF_ONE = 'flood of one'

# Seconds at the start of a slice that do not count.
_SKIP = 0.3
# Seconds to wait after a slice for its last messages. Only a lost message takes that long.
_PATIENCE = 2.0
_POLL = 0.01


@dataclass(frozen=True)
class Scene:
    """What the cameras see."""

    #: Of the images; a key of `SIZES`.
    size: str
    cameras: int
    people: int


@dataclass(frozen=True)
class Setup:
    """The processes and files of one measurement."""

    feeder: Program
    node: Program
    poses: Path
    images: Path
    topics: list[str]
    floor_topics: list[str]
    run_session: Call


@dataclass(frozen=True)
class Figures:
    """The slices at one load so far; those of the session are times in ms."""

    node: Tally = field(default_factory=Tally)
    transport: Tally = field(default_factory=Tally)
    session: list[float] = field(default_factory=list)
    session_fed: list[float] = field(default_factory=list)
    session_paced: list[float] = field(default_factory=list)


def measure_traffic(
    *,
    rounds: int,
    seconds: float,
    sizes: Sequence[str],
    cameras: Sequence[int] = CAMERAS,
    people: int = 1,
    parameters: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the figures by image size, number of cameras, and load; images show `people`."""
    return {
        size: {
            str(number): _measure(Scene(size, number, people), rounds, seconds, parameters)
            for number in cameras
        }
        for size in sizes
    }


def _measure(
    scene: Scene, rounds: int, seconds: float, parameters: Sequence[str]
) -> dict[str, Any]:
    cameras = scene.cameras
    with ExitStack() as stack:
        setup = _set_up(stack, scene, parameters)
        bare = time_in_a_loop(setup.run_session, seconds)
        flood = FLOOD * 1e3 / (sum(bare) / len(bare))
        loads = {'30 Hz': (USUAL_RATE, cameras), 'flood': (flood / cameras, cameras)}
        if cameras > 1:
            loads[FLOOD_OF_ONE] = (flood, 1)
        figures = {load: Figures() for load in loads}
        for _ in range(rounds):
            for load, (rate, publishing) in loads.items():
                _measure_slices(setup, figures[load], rate, seconds, publishing)
        return {load: _summarize(figures[load], rate) for load, (rate, _) in loads.items()}


def _set_up(stack: ExitStack, scene: Scene, parameters: Sequence[str]) -> Setup:
    """Start all processes; return when they have discovered each other and are warmed up."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    height, width = SIZES[scene.size]
    topics = [f'/camera{number}/image_raw' for number in range(scene.cameras)]
    floor_topics = [f'/floor{number}/image_raw' for number in range(scene.cameras)]
    pose_topics = [f'/camera{number}/poses' for number in range(scene.cameras)]
    poses, images = folder / 'poses', folder / 'images'
    node = stack.enter_context(start_node(topics, f'input_size:={INPUT_SIZE}', *parameters))
    stack.enter_context(start_listener('poses', poses, pose_topics))
    stack.enter_context(start_listener('images', images, floor_topics))
    fed = [*topics, *floor_topics]
    feeder = stack.enter_context(start_feeder(width, height, fed, people=scene.people))
    feeder.receive()
    run_session = bare_run(estimator(), picture((height, width)))
    setup = Setup(feeder, node, poses, images, topics, floor_topics, run_session)
    _warm_up(setup)
    return setup


def _warm_up(setup: Setup) -> None:
    """Feed until poses arrive: only then have the node's publisher and our listener matched."""
    deadline = time.monotonic() + 30
    while not len(read_records(setup.poses)):
        if time.monotonic() > deadline:
            raise TimeoutError('no poses arrived from the node within 30 s')
        _feed(setup.feeder, setup.topics, USUAL_RATE, 0.3)
    _feed(setup.feeder, setup.floor_topics, USUAL_RATE, 0.3)


def _measure_slices(
    setup: Setup, figures: Figures, rate: float, seconds: float, cameras: int
) -> None:
    """Measure one slice of each kind while the first `cameras` cameras publish."""
    topics, floor_topics = setup.topics[:cameras], setup.floor_topics[:cameras]
    before = setup.node.usage()
    stamps, records = feed_and_record(setup.feeder, topics, setup.poses, rate, seconds)
    figures.node.add(stamps, records, seconds=seconds, skip=_SKIP)
    after = setup.node.usage()
    figures.node.cpu_seconds += after.cpu_seconds - before.cpu_seconds
    figures.node.resident_mb = after.resident_mb
    stamps, records = feed_and_record(setup.feeder, floor_topics, setup.images, rate, seconds)
    figures.transport.add(stamps, records, seconds=seconds, skip=_SKIP)
    setup.feeder.send({'topics': floor_topics, 'rate': rate, 'seconds': seconds})
    figures.session_fed.extend(time_in_a_loop(setup.run_session, seconds))
    setup.feeder.receive()
    figures.session.extend(time_in_a_loop(setup.run_session, seconds / 2))
    figures.session_paced.extend(time_in_a_loop(setup.run_session, seconds, rate=USUAL_RATE))


def feed_and_record(
    feeder: Program, topics: list[str], path: Path, rate: float, seconds: float
) -> tuple[list[list[int]], Records]:
    """Feed some topics; return the stamps published by topic, and the records of the slice."""
    known = len(read_records(path))
    fed = _feed(feeder, topics, rate, seconds)
    stamps = [fed[topic] for topic in topics]
    # Nothing replaces the last image of a camera, so its message is always the last to arrive.
    last = {(number, camera[-1]) for number, camera in enumerate(stamps) if camera}
    deadline = time.monotonic() + _PATIENCE
    while True:
        records = read_records(path, known)
        arrived = {(number, stamp) for number, stamp, _ in records.tolist()}
        if last <= arrived or time.monotonic() > deadline:
            return stamps, records
        time.sleep(_POLL)


def _feed(feeder: Program, topics: list[str], rate: float, seconds: float) -> dict[str, list[int]]:
    feeder.send({'topics': topics, 'rate': rate, 'seconds': seconds})
    stamps: dict[str, list[int]] = feeder.receive()['stamps']
    return stamps


def _summarize(figures: Figures, rate: float) -> dict[str, Any]:
    """Return the figures of all slices at one load."""
    return {
        'rate_by_camera_fed': round(rate, 2),
        'node': {**figures.node.figures(), **figures.node.costs()},
        'transport': figures.transport.figures(),
        **{
            name: {**summarize(times), 'rate': round(1e3 * len(times) / sum(times), 2)}
            for name in ('session', 'session_fed', 'session_paced')
            for times in [getattr(figures, name)]
        },
    }
