"""
One attack in a process of its own: what it needs, and its bookkeeping.

    session.py NAME --seconds S --seed N --output DIR

run.py starts it. It writes DIR/NAME.json, and the output of a node that failed to DIR/NAME-*.txt.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
import json
import os
from pathlib import Path
import random
import signal
import sys
import tempfile
import time
from typing import Any

from flood import Camera
from flood_images import broken, broken_compressed, good, good_compressed
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import numpy as np
from numpy.typing import NDArray
from ros_graph import Graph, open_graph
from sensor_msgs.msg import CompressedImage, Image
import skimage.data
from torture.bounds import MAX_DELAY, MAX_START
from torture.tally import Tally
from torture.victim import Victim

# Seconds between two lines of progress.
_PROGRESS_PERIOD = 60.0

# An attack stops after this many failures: more of them show nothing new.
_MAX_FAILURES = 20

_UP = {
    'unconfigured': Transition.TRANSITION_CONFIGURE,
    'inactive': Transition.TRANSITION_ACTIVATE,
}


class Session:
    """The attacker's node, two cameras with good images, the victim, and the tally."""

    def __init__(
        self, graph: Graph, tally: Tally, *, seconds: float, output: Path, folder: Path
    ) -> None:
        """`output` keeps what failing nodes printed; `folder` is temporary."""
        self.graph = graph
        self.tally = tally
        self.seconds = seconds
        self.folder = folder
        self.picture: NDArray[np.uint8] = np.asarray(skimage.data.astronaut(), np.uint8)
        # The same seed and name give the same steps; how many of them depends on the machine.
        self.choice = random.Random(f'{tally.seed} {tally.name}')
        self._cameras: list[Camera] = []
        self._output = output
        self._start = time.monotonic()
        self._end = self._start + seconds
        self._next_progress = self._start + _PROGRESS_PERIOD
        self._victims = 0

    @property
    def cameras(self) -> list[Camera]:
        """Return the cameras, which are created when they are first needed."""
        if not self._cameras:
            self._cameras = [
                Camera(self.graph, 'a', Image, good, broken),
                Camera(self.graph, 'b', CompressedImage, good_compressed, broken_compressed),
            ]
        return self._cameras

    @property
    def goes_on(self) -> bool:
        """Whether there is time left; also prints the progress."""
        now = time.monotonic()
        self.tally.seconds = round(now - self._start, 1)
        if now > self._next_progress:
            self._next_progress = now + _PROGRESS_PERIOD
            counts = ', '.join(f'{name} {count}' for name, count in self.tally.done.items())
            self.tally.progress(f'{now - self._start:.0f} s: {counts}')
        return now < self._end and len(self.tally.failures) < _MAX_FAILURES

    def start_victim(
        self,
        *parameters: str,
        environment: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
    ) -> Victim:
        """Start the node on both cameras, without waiting for it."""
        self._victims += 1
        self.graph.forget_services()
        topics = [camera.topic for camera in self.cameras]
        # Reliable, because images that the middleware loses say nothing about the node.
        reliable = [f'qos_overrides.{name}.subscription.reliability:=reliable' for name in topics]
        return Victim(
            self.graph,
            self.tally,
            output=self._output / f'{self.tally.name}-{self._victims}.txt',
            parameters=[f'image_topics:=[{", ".join(topics)}]', *reliable, *parameters],
            environment=environment,
            prefix=prefix,
        )

    @contextmanager
    def victim(self, *parameters: str, **options: Any) -> Iterator[Victim]:
        """Start the node, wait until it processes good images, and end it after the block."""
        victim = self.start_victim(*parameters, **options)
        try:
            if not victim.wait_until_ready():
                victim.fail('the node did not become active')
            elif self.warm_up(victim):
                victim.start_watching_memory()
            if self._victims == 1:  # on a busy machine, the first start takes long
                self._end = time.monotonic() + self.seconds
            yield victim
        finally:
            victim.end()

    def warm_up(self, victim: Victim) -> bool:
        """Send images that do not count until the node processes them; return whether it does."""
        for camera in self.cameras:
            before = camera.processed_zero

            def is_processed(camera: Camera = camera, before: int = before) -> bool:
                if camera.processed_zero == before and not victim.has_ended:
                    camera.publish_good(self.picture, 0)
                return camera.processed_zero > before or victim.has_ended

            if not self.graph.holds_within(is_processed, MAX_START):
                victim.fail(f'no poses for {camera.topic} after the start')
                return False
        return not victim.has_ended and all(self.send_good(victim, 'the start') for _ in range(6))

    def send_good(self, victim: Victim, after: str, *, compare_memory: bool = True) -> bool:
        """Send one good image per camera, and return whether all poses arrived in time."""
        if not victim.check(after):
            return False
        number = self.tally.sent + 1
        self.tally.sent += len(self.cameras)
        start = time.monotonic()
        waiting = list(self.cameras)
        for camera in waiting:
            camera.publish_good(self.picture, number)

        def are_processed() -> bool:
            for camera in list(waiting):
                if number in camera.processed[-20:]:
                    waiting.remove(camera)
                    self.tally.answered += 1
            return not waiting or victim.has_ended

        self.graph.holds_within(are_processed, MAX_DELAY)
        delay = time.monotonic() - start
        self.tally.longest_delay = max(self.tally.longest_delay, round(delay, 2))
        if not victim.check(after):
            return False
        for camera in waiting:
            victim.fail(f'no poses for {camera.topic} within {MAX_DELAY:g} s after {after}')
        if compare_memory:
            victim.check_memory(after)
        return not waiting

    def call(self, victim: Victim, service: type, name: str, request: Any) -> Any:
        """Call a service of the node; return None, and remember a failure, if it is silent."""
        try:
            return self.graph.call(service, f'posenet/{name}', request)
        except AssertionError:  # after the patience of the graph
            if victim.check(f'a call of {name}'):
                victim.fail(f'no response of {name}')
            return None

    def state(self, victim: Victim) -> str:
        """Return the name of the node's state, or an empty string if it does not respond."""
        response = self.call(victim, GetState, 'get_state', GetState.Request())
        return str(response.current_state.label) if response else ''

    def change_state(self, victim: Victim, transition: int) -> bool:
        """Request a transition, and return whether it succeeded."""
        request = ChangeState.Request(transition=Transition(id=transition))
        response = self.call(victim, ChangeState, 'change_state', request)
        return bool(response and response.success)

    def activate(self, victim: Victim) -> bool:
        """Bring the node to the state active, and return whether it got there."""
        for _ in range(3):
            state = self.state(victim)
            if state not in _UP:
                return state == 'active'
            self.change_state(victim, _UP[state])
        return self.state(victim) == 'active'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one attack and write its tally; return 1 if a bound was broken."""
    parser = argparse.ArgumentParser(description='Run one attack.')
    parser.add_argument('name')
    parser.add_argument('--seconds', type=float, required=True)
    parser.add_argument('--seed', type=int, required=True)
    parser.add_argument('--output', type=Path, required=True)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    tally = Tally(options.name, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        os.environ['ROS_LOG_DIR'] = f'{folder}/log'
        with open_graph() as graph:
            _attack(graph, tally, options, Path(folder))
    (options.output / f'{tally.name}.json').write_text(json.dumps(tally.as_json(), indent=1))
    return int(bool(tally.failures))


def _attack(graph: Graph, tally: Tally, options: argparse.Namespace, folder: Path) -> None:
    from torture.attacks import ATTACKS

    session = Session(graph, tally, seconds=options.seconds, output=options.output, folder=folder)
    try:
        ATTACKS[tally.name].run(session)
    except Exception as error:  # a fault of the campaign: it must not pass for a success
        tally.fail(f'the attack itself stopped: {error!r}')
        raise
    finally:
        tally.seconds = round(time.monotonic() - session._start, 1)
        path = options.output / f'{tally.name}.json'
        path.write_text(json.dumps(tally.as_json(), indent=1))


if __name__ == '__main__':
    sys.exit(main())
