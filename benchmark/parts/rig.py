"""
The processes of one measurement of the node over DDS, and slices of traffic between them.

Input: a scene, the node's parameters, and the load and duration of a slice. Output: figures that
are added to a tally.

Feeder, listeners and node are separate processes, so that none waits for another's interpreter
lock. All of them run during the whole measurement. A process that is not part of a slice is idle.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, ExitStack
from dataclasses import dataclass
from pathlib import Path
import tempfile
import time

from parts.session import INPUT_SIZE
from parts.tally import Tally
from programs.pictures import SIZES
from programs.processes import Program, start_feeder, start_listener, start_node
from programs.records import read_records, Records

#: Rate of each camera in Hz.
USUAL_RATE = 30.0

# Seconds at the start of a slice that do not count.
_SKIP = 0.3
# Seconds to wait for the first poses.
_START_PATIENCE = 60.0
# Seconds to wait after a slice for its last messages. Only a lost message takes that long.
_PATIENCE = 2.0
_POLL = 0.01
# How much of the node's output an error quotes.
_QUOTED = 2000


@dataclass(frozen=True)
class Scene:
    """What the cameras see."""

    #: Of the images; a key of `SIZES`.
    size: str
    cameras: int
    people: int = 1


@dataclass(frozen=True)
class Load:
    """What the cameras publish."""

    #: Of each camera, in Hz.
    rate: float
    #: How many cameras publish; the others are idle.
    cameras: int


@dataclass(frozen=True)
class Rig:
    """The processes of one measurement, the files of the listeners, and the image topics."""

    feeder: Program
    node: Program
    poses: Path
    images: Path
    topics: list[str]
    floor_topics: list[str]


@contextmanager
def started_rig(scene: Scene, parameters: Sequence[str]) -> Iterator[Rig]:
    """
    Start all processes, and stop them at the end of the block.

    The block begins when they have discovered each other and are warmed up. If they do not, raises
    RuntimeError or TimeoutError with what the node printed.
    """
    topics = [f'/camera{number}/image_raw' for number in range(scene.cameras)]
    with ExitStack() as stack:
        node = stack.enter_context(start_node(topics, f'input_size:={INPUT_SIZE}', *parameters))
        try:
            rig = _surround(stack, node, topics, scene)
            _warm_up(rig)
        except (RuntimeError, TimeoutError) as error:
            printed = node.printed()[-_QUOTED:]
            raise type(error)(f'{error}; the node printed: {printed}') from error
        yield rig


def _surround(stack: ExitStack, node: Program, topics: list[str], scene: Scene) -> Rig:
    """Start the feeder and the listeners; return when every topic has a subscriber."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    height, width = SIZES[scene.size]
    floor_topics = [f'/floor{number}/image_raw' for number in range(scene.cameras)]
    pose_topics = [f'/camera{number}/poses' for number in range(scene.cameras)]
    poses, images = folder / 'poses', folder / 'images'
    stack.enter_context(start_listener('poses', poses, pose_topics))
    stack.enter_context(start_listener('images', images, floor_topics))
    fed = [*topics, *floor_topics]
    feeder = stack.enter_context(start_feeder(width, height, fed, people=scene.people))
    feeder.receive()
    return Rig(feeder, node, poses, images, topics, floor_topics)


def _warm_up(rig: Rig) -> None:
    """Feed until every camera's poses arrive: only then have publishers and listener matched."""
    deadline = time.monotonic() + _START_PATIENCE
    while not set(range(len(rig.topics))) <= set(read_records(rig.poses)[:, 0].tolist()):
        if time.monotonic() > deadline:
            raise TimeoutError(f'no poses of some cameras arrived within {_START_PATIENCE:.0f} s')
        _feed(rig.feeder, rig.topics, USUAL_RATE, 0.3)
    _feed(rig.feeder, rig.floor_topics, USUAL_RATE, 0.3)


def measure_node(rig: Rig, tally: Tally, load: Load, seconds: float) -> None:
    """Add a slice in which the node processes the images, and its costs."""
    before = rig.node.usage()
    topics = rig.topics[: load.cameras]
    stamps, records = feed_and_record(rig.feeder, topics, rig.poses, load.rate, seconds)
    tally.add(stamps, records, seconds=seconds, skip=_SKIP)
    after = rig.node.usage()
    tally.cpu_seconds += after.cpu_seconds - before.cpu_seconds
    tally.resident_mb = after.resident_mb


def measure_transport(rig: Rig, tally: Tally, load: Load, seconds: float) -> None:
    """Add a slice in which a listener receives the images instead of the node."""
    topics = rig.floor_topics[: load.cameras]
    stamps, records = feed_and_record(rig.feeder, topics, rig.images, load.rate, seconds)
    tally.add(stamps, records, seconds=seconds, skip=_SKIP)


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
