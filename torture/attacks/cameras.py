"""Cameras that are killed and return, share a topic, change their QoS, or are many."""

from collections.abc import Callable
import signal
from typing import Any

from flood_images import good
from lifecycle_msgs.srv import GetState
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from ros_graph import open_graph, Program
from sensor_msgs.msg import CompressedImage, Image
from torture.session import Session
from torture.victim import Victim

from posenet_ros.image_files import write_png

_MORE_TOPICS = [f'/more{number}/image' for number in range(12)]


def attack_cameras(session: Session) -> None:
    """Let cameras come and go, then send good images, and so on."""
    write_png(session.folder / 'picture.png', session.picture)
    ways: list[Callable[[Session], None]] = [
        _kill_camera,
        _kill_two_cameras,
        _publish_with_other_qos,
        _publish_wrong_type,
        _publish_on_other_topics,
    ]
    while session.goes_on:
        with session.victim() as victim:
            while session.goes_on and not victim.has_ended:
                way = session.choice.choice(ways)
                name = way.__name__.strip('_').replace('_', ' ')
                session.tally.done[name] += 1
                way(session)
                session.send_good(victim, name)
                _check_responds(session, victim)


def _check_responds(session: Session, victim: Victim) -> None:
    if not victim.has_ended:
        session.call(victim, GetState, 'get_state', GetState.Request())


def _start_camera(session: Session, topic: str) -> Program:
    """Start a camera that publishes as fast as it can."""
    source = session.folder / 'picture.png'
    settings = [f'source:={source}', 'rate:=200.0']
    parameters = [word for setting in settings for word in ('-p', setting)]
    return Program('image_source', [*parameters, '-r', f'image_raw:={topic}'], {})


def _kill_cameras(session: Session, topics: list[str]) -> None:
    """Start cameras, and kill them while they are publishing."""
    programs = [_start_camera(session, topic) for topic in topics]
    try:
        publishing = session.graph.holds_within(
            lambda: all(' -> ' in program.output for program in programs), 30
        )
        session.tally.done['camera that published'] += publishing * len(programs)
        session.graph.holds_within(lambda: False, session.choice.uniform(0, 0.5))
        for program in programs:
            if not program.has_ended:
                program.send(signal.SIGKILL)
    finally:
        for program in programs:
            program.close()


def _kill_camera(session: Session) -> None:
    _kill_cameras(session, ['/a/image'])


def _kill_two_cameras(session: Session) -> None:
    _kill_cameras(session, ['/a/image', '/a/image'])


def _publish_with_other_qos(session: Session) -> None:
    """Publish good images without numbers, with a random QoS."""
    choice = session.choice
    profile = QoSProfile(
        history=choice.choice([HistoryPolicy.KEEP_LAST, HistoryPolicy.KEEP_ALL]),
        depth=choice.choice([1, 10, 1000]),
        reliability=choice.choice([ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT]),
        durability=choice.choice([DurabilityPolicy.VOLATILE, DurabilityPolicy.TRANSIENT_LOCAL]),
    )
    _publish(session, '/a/image', profile)


def _publish_wrong_type(session: Session) -> None:
    """Publish on topics of the cameras and of the node with the wrong type."""
    topic, kind = session.choice.choice(
        [('/a/image', CompressedImage), ('/b/image/compressed', Image), ('/a/poses', Image)]
    )
    # A participant of its own: none can have two types for the same topic.
    with open_graph() as other:
        publisher = other.node.create_publisher(kind, topic, QoSProfile(depth=1))
        for _ in range(5):
            publisher.publish(kind())
            other.holds_within(lambda: False, 0.1)


def _publish_on_other_topics(session: Session) -> None:
    """Publish on many topics that the node does not know."""
    for topic in _MORE_TOPICS:
        _publish(session, topic, QoSProfile(depth=1))


def _publish(session: Session, topic: str, profile: Any) -> None:
    """Open a publisher, publish some good images without numbers, and close it."""
    node = session.graph.node
    publisher = node.create_publisher(Image, topic, profile)
    try:
        session.graph.holds_within(publisher.get_subscription_count, 0.3)
        for _ in range(session.choice.randrange(1, 6)):
            publisher.publish(good(session.picture, 0))
            session.graph.holds_within(lambda: False, 0.01)
    finally:
        node.destroy_publisher(publisher)
