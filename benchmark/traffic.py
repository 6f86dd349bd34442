"""
The node in a process of its own, fed over DDS, beside the floors that it stands on.

All processes live as long as a measurement: the node, a feeder of images, a listener to poses and
a plain listener to images. Slices of a second or two take turns, again and again:

- `node`: the feeder publishes to the node; stamp to received pose;
- `transport`: the feeder publishes as much to the plain listener; stamp to received image;
- `session_fed`: the same, while this process runs the bare session as fast as it can: what the
  network can do on a machine that moves these images as well;
- `session`: nobody publishes; the bare session as fast as it can;
- `session_paced`: nobody publishes; the bare session 30 times a second, idle in between.

Feeder, listeners, node and bare session are processes of their own, so that none holds another's
interpreter lock. Whoever has no part in a slice waits.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
import tempfile
import time
from typing import Any

from pictures import picture, SIZES
from programs import feeder, listener, node, Program
from records import read_records, Records, Tally
from session import bare_runs, estimator, INPUT_SIZE
from timing import Call, summary

CAMERAS = (1, 2, 4)
#: Hz, of each camera.
USUAL_RATE = 30.0
#: Together the cameras then publish so many times what the bare session can do.
FLOOD = 1.5
#: The same flood from one of several cameras, while the others are silent.
FLOOD_OF_ONE = 'flood of one'

# Seconds: of a slice's start that are left out, and that what is under way has to arrive.
_SKIP = 0.3
_DRAIN = 0.25


@dataclass
class Setup:
    """The processes of one measurement."""

    feeder: Program
    node: Program
    answers: Path
    arrivals: Path
    topics: list[str]
    floor_topics: list[str]
    run_session: Call


@dataclass
class Figures:
    """What the slices at one rate have given."""

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
    parameters: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the figures by image size, number of cameras, and load (30 Hz or flood)."""
    return {
        size: {
            str(number): _measure(size, number, rounds, seconds, parameters) for number in cameras
        }
        for size in sizes
    }


def _measure(
    size: str, cameras: int, rounds: int, seconds: float, parameters: Sequence[str]
) -> dict[str, Any]:
    with ExitStack() as stack:
        setup = _set_up(stack, size, cameras, parameters)
        bare = _run_session(setup.run_session, seconds)
        flood = FLOOD * 1e3 / (sum(bare) / len(bare))
        loads = {'30 Hz': (USUAL_RATE, cameras), 'flood': (flood / cameras, cameras)}
        if cameras > 1:
            loads[FLOOD_OF_ONE] = (flood, 1)
        figures = {load: Figures() for load in loads}
        for _ in range(rounds):
            for load, (rate, fed) in loads.items():
                _slices(setup, figures[load], rate, seconds, fed)
        return {load: _told(figures[load], rate) for load, (rate, _) in loads.items()}


def _set_up(stack: ExitStack, size: str, cameras: int, parameters: Sequence[str]) -> Setup:
    """Start all processes, and return once they know each other and the node is warm."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    height, width = SIZES[size]
    topics = [f'/camera{number}/image_raw' for number in range(cameras)]
    floor_topics = [f'/floor{number}/image_raw' for number in range(cameras)]
    poses = [f'/camera{number}/poses' for number in range(cameras)]
    answers, arrivals = folder / 'answers', folder / 'arrivals'
    program = stack.enter_context(node(topics, f'input_size:={INPUT_SIZE}', *parameters))
    stack.enter_context(listener('poses', answers, poses))
    stack.enter_context(listener('images', arrivals, floor_topics))
    source = stack.enter_context(feeder(width, height, [*topics, *floor_topics]))
    source.answer()
    run_session = bare_runs(estimator(), picture((height, width)))['session']
    setup = Setup(source, program, answers, arrivals, topics, floor_topics, run_session)
    _warm_up(setup)
    return setup


def _warm_up(setup: Setup) -> None:
    """Feed until poses come: the node's publisher and our listener have to meet, too."""
    give_up = time.monotonic() + 30
    while not len(read_records(setup.answers)):
        if time.monotonic() > give_up:
            raise TimeoutError('the node has answered no image')
        _feed(setup.feeder, setup.topics, USUAL_RATE, 0.3)
    _feed(setup.feeder, setup.floor_topics, USUAL_RATE, 0.3)


def _slices(setup: Setup, figures: Figures, rate: float, seconds: float, cameras: int) -> None:
    """Do one slice of each kind, with some of the cameras."""
    topics, floor_topics = setup.topics[:cameras], setup.floor_topics[:cameras]
    before = setup.node.usage()
    stamps, records = _fed(setup, topics, setup.answers, rate, seconds)
    figures.node.add(stamps, records, seconds=seconds, skip=_SKIP)
    after = setup.node.usage()
    figures.node.cpu_seconds += after.cpu_seconds - before.cpu_seconds
    figures.node.resident_mb = after.resident_mb
    stamps, records = _fed(setup, floor_topics, setup.arrivals, rate, seconds)
    figures.transport.add(stamps, records, seconds=seconds, skip=_SKIP)
    setup.feeder.ask({'topics': floor_topics, 'rate': rate, 'seconds': seconds})
    figures.session_fed += _run_session(setup.run_session, seconds)
    setup.feeder.answer()
    figures.session += _run_session(setup.run_session, seconds / 2)
    figures.session_paced += _run_session(setup.run_session, seconds, rate=USUAL_RATE)


def _fed(
    setup: Setup, topics: list[str], path: Path, rate: float, seconds: float
) -> tuple[list[list[int]], Records]:
    """Feed some topics, and return what was published by topic, and what was noted of it."""
    known = len(read_records(path))
    stamps = _feed(setup.feeder, topics, rate, seconds)
    time.sleep(_DRAIN)
    return [stamps[topic] for topic in topics], read_records(path, known)


def _feed(source: Program, topics: list[str], rate: float, seconds: float) -> dict[str, list[int]]:
    source.ask({'topics': topics, 'rate': rate, 'seconds': seconds})
    stamps: dict[str, list[int]] = source.answer()['stamps']
    return stamps


def _run_session(run: Call, seconds: float, *, rate: float = 0.0) -> list[float]:
    """Run the session again and again, or at a rate in Hz, and return each run's ms."""
    took: list[float] = []
    due = start = time.monotonic()
    while time.monotonic() < start + seconds:
        if rate:
            time.sleep(max(0.0, due - time.monotonic()))
            due += 1 / rate
        begin = time.perf_counter_ns()
        run()
        took.append((time.perf_counter_ns() - begin) / 1e6)
    return took


def _told(figures: Figures, rate: float) -> dict[str, Any]:
    """Return what is kept of the slices at one rate."""
    return {
        'rate_by_camera_fed': round(rate, 2),
        'node': {**figures.node.figures(), **figures.node.costs()},
        'transport': figures.transport.figures(),
        **{
            name: {**summary(times), 'rate': round(1e3 * len(times) / sum(times), 2)}
            for name in ('session', 'session_fed', 'session_paced')
            for times in [getattr(figures, name)]
        },
    }
