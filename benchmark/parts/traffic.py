"""
Measure the node in a separate process, over DDS, and the lower bounds of its figures.

Input: the number of rounds, the duration of a slice, image sizes, numbers of cameras and the
node's parameters. Output: latency, rates and costs by image size, number of cameras and load.

The processes of parts/rig.py run during the whole measurement. Slices of a second or two
alternate:

- `node`: the feeder publishes to the node; measured from an image's stamp until its poses are
  received;
- `transport`: the feeder publishes at the same rate to the listener to images; measured from an
  image's stamp until it is received;
- `session_fed`: like `transport`, while this process runs the bare session in a loop: the speed of
  the network on a machine that also transports these images;
- `session`: nothing is published; the bare session runs in a loop;
- `session_paced`: nothing is published; the bare session runs 30 times a second, idle in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parts.rig import Load, measure_node, measure_transport, Rig, Scene, started_rig, USUAL_RATE
from parts.session import bare_run, estimator
from parts.tally import Tally
from parts.timing import Call, summarize, time_in_a_loop
from programs.pictures import picture, SIZES

CAMERAS = (1, 2, 4)
#: When flooding, the cameras together publish this multiple of the bare session's rate.
FLOOD = 1.5
#: The same total rate from one of several cameras, while the others publish nothing.
FLOOD_OF_ONE = 'flood of one'


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
    # Before the node starts, as it builds the engine that TensorRT needs.
    run_session = bare_run(estimator(), picture(SIZES[scene.size]))
    with started_rig(scene, parameters) as rig:
        loads = _loads(scene.cameras, time_in_a_loop(run_session, seconds))
        figures = {load: Figures() for load in loads}
        for _ in range(rounds):
            for name, load in loads.items():
                _measure_slices(rig, run_session, figures[name], load, seconds)
        return {name: _summarize(figures[name], load.rate) for name, load in loads.items()}


def _loads(cameras: int, bare: Sequence[float]) -> dict[str, Load]:
    """Return the loads by name, given some times of the bare session in ms."""
    flood = FLOOD * 1e3 / (sum(bare) / len(bare))
    loads = {'30 Hz': Load(USUAL_RATE, cameras), 'flood': Load(flood / cameras, cameras)}
    if cameras > 1:
        loads[FLOOD_OF_ONE] = Load(flood, 1)
    return loads


def _measure_slices(
    rig: Rig, run_session: Call, figures: Figures, load: Load, seconds: float
) -> None:
    """Measure one slice of each kind."""
    measure_node(rig, figures.node, load, seconds)
    measure_transport(rig, figures.transport, load, seconds)
    topics = rig.floor_topics[: load.cameras]
    rig.feeder.send({'topics': topics, 'rate': load.rate, 'seconds': seconds})
    figures.session_fed.extend(time_in_a_loop(run_session, seconds))
    rig.feeder.receive()
    figures.session.extend(time_in_a_loop(run_session, seconds / 2))
    figures.session_paced.extend(time_in_a_loop(run_session, seconds, rate=USUAL_RATE))


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
