"""A ROS graph for tests: nodes in separate processes, and a node in the test's own process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import subprocess
import tempfile
import time
from typing import Any

from ament_index_python import get_package_prefix
from domains import claim_domain
import numpy as np
from numpy.typing import NDArray
from rcl_interfaces.srv import GetParameterTypes
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.msg import PoseArray
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

# Seconds that a test waits for anything; generous, as machines are shared.
PATIENCE = 30.0
# The same for the start of the node: with a large input, its first run is long on a busy machine.
_START_PATIENCE = 120.0

DOMAIN = claim_domain()


def domain_environment() -> dict[str, str]:
    """Return the environment of programs that take part in the graph."""
    return {**os.environ, 'ROS_DOMAIN_ID': str(DOMAIN)}


class Program:
    """A node program in a process of its own."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: dict[str, str],
        *,
        prefix: Sequence[str] = (),
    ) -> None:
        """Start it; `prefix` is a command that runs it, such as `prlimit --nofile=64`."""
        path = Path(get_package_prefix('posenet_ros')) / 'lib' / 'posenet_ros' / name
        self._output = tempfile.TemporaryFile('a+')  # noqa: SIM115  (close() closes it)
        self._process = subprocess.Popen(
            [*prefix, path, '--ros-args', *arguments],
            env={**domain_environment(), **environment},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def output(self) -> str:
        """Return all that the program has printed so far."""
        self._output.seek(0)
        return self._output.read()

    @property
    def process_id(self) -> int:
        """Return the process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the program has ended."""
        return self._process.poll() is not None

    def send(self, one_signal: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(one_signal)

    def end(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.send(with_signal)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """
        Make sure that the program has ended; kill it only if it does not exit after a signal.

        A program that is killed leaves its shared memory behind.
        """
        self._process.send_signal(signal.SIGINT)
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()


class Graph:
    """The test's own node, and the programs that it started."""

    def __init__(self) -> None:
        self._context = Context()
        rclpy.init(context=self._context, domain_id=DOMAIN)
        self.node = Node('test', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._programs: list[Program] = []
        self._clients: dict[str, Any] = {}

    def close(self) -> None:
        """Stop all programs and destroy the node."""
        for program in self._programs:
            program.close()
        self._executor.shutdown()
        self.node.destroy_node()
        self._context.try_shutdown()

    def start(
        self, name: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> Program:
        """Start a node program with ROS arguments."""
        program = Program(name, list(arguments), environment or {})
        self._programs.append(program)
        return program

    def start_posenet(self, *arguments: str) -> Program:
        """Start posenet_node and wait until it is ready for images."""
        program = self.start('posenet_node', *arguments)
        self.wait_until(
            lambda: ' -> ' in program.output, 'the node to be ready', patience=_START_PATIENCE
        )
        return program

    def collect(self, message_type: type, topic: str, qos: Any = POSES_QOS) -> list[Any]:
        """Return a list to which the messages of a topic are added as they arrive."""
        received: list[Any] = []
        self.node.create_subscription(message_type, topic, received.append, qos)
        return received

    def collect_poses(self, topic: str = 'poses') -> list[PoseArray]:
        """Return a list to which pose arrays are added as they arrive."""
        return self.collect(PoseArray, topic)

    def image_publisher(self, topic: str = 'image_raw') -> Any:
        """Return a publisher of images that has a subscriber."""
        publisher = self.node.create_publisher(Image, topic, IMAGE_QOS)
        self.wait_until(lambda: publisher.get_subscription_count() > 0, f'subscriber of {topic}')
        return publisher

    def wait_until(
        self,
        condition: Callable[[], object],
        what: str,
        step: Callable[[], object] = lambda: None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        """Spin the test's node, and repeat a step, until a condition holds."""
        give_up = time.monotonic() + patience
        while not condition():
            for program in self._programs:
                assert not program.has_ended, f'a program has ended: {program.output}'
            outputs = (program.output for program in self._programs)
            assert time.monotonic() < give_up, f'{what} did not come: {list(outputs)}'
            step()
            self._executor.spin_once(timeout_sec=0.05)

    def holds_within(self, condition: Callable[[], object], seconds: float) -> bool:
        """Spin the test's node until a condition holds, and return whether it did in time."""
        give_up = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= give_up:
                return False
            self._executor.spin_once(timeout_sec=0.05)
        return True

    def publish_until(
        self, publisher: Any, message: Image, condition: Callable[[], object], what: str
    ) -> None:
        """Publish a message repeatedly, as a camera does, until a condition holds."""
        self.wait_until(condition, what, lambda: publisher.publish(message))

    @contextmanager
    def host(self, make_node: Callable[[Context], Node]) -> Iterator[Node]:
        """Run a node in the test's own process during the block."""
        node = make_node(self._context)
        self._executor.add_node(node)
        try:
            yield node
        finally:
            self._executor.remove_node(node)
            node.destroy_node()

    def call(self, service_type: type, name: str, request: Any) -> Any:
        """Call a service of a node and return its response."""
        if name not in self._clients:
            self._clients[name] = self.node.create_client(service_type, name)
            self.wait_until(self._clients[name].service_is_ready, f'service {name}')
            self._wait_until_seen_by(name.rpartition('/')[0])
        future = self._clients[name].call_async(request)
        self.wait_until(future.done, f'response of {name}')
        return future.result()

    def forget_services(self) -> None:
        """Close all clients, because a node that starts again has not discovered them yet."""
        for client in self._clients.values():
            self.node.destroy_client(client)
        self._clients.clear()

    def _wait_until_seen_by(self, node: str) -> None:
        """
        Wait until a node can respond to all clients that were created so far.

        A response to a client that the node has not discovered yet is lost. The node discovers
        clients in the order in which they were created. So once it responds to a newer client,
        whose harmless request can be repeated, it has discovered all earlier ones.
        """
        probe = self.node.create_client(GetParameterTypes, f'{node}/get_parameter_types')
        pending: list[Any] = []
        next_request = 0.0

        def ask_again() -> None:
            nonlocal next_request
            if time.monotonic() >= next_request and probe.service_is_ready():
                next_request = time.monotonic() + 1.0
                pending.append(probe.call_async(GetParameterTypes.Request()))

        self.wait_until(
            lambda: any(future.done() for future in pending), f'a response of {node}', ask_again
        )
        self.node.destroy_client(probe)


@contextmanager
def open_graph() -> Iterator[Graph]:
    """Create a graph and close it afterwards."""
    made = Graph()
    try:
        yield made
    finally:
        made.close()


def image_message(pixels: NDArray[np.uint8], *, second: int = 1, frame: str = 'lens') -> Image:
    """Return an rgb8 message with a stamp of whole seconds."""
    header = Header(frame_id=frame)
    header.stamp.sec = second
    return to_image(pixels, header)
