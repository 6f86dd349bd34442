"""A guarded node that rclpy's own executor spins, as in a process with other nodes."""

from collections.abc import Iterator
from typing import Any, NoReturn

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import pytest
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue, SetParametersResult
from rcl_interfaces.srv import SetParameters, SetParametersAtomically
from rclpy.clock import Clock as WallClock
from rclpy.lifecycle import LifecycleNode
from rclpy.parameter import Parameter as PythonParameter
from ros_graph import Graph
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from posenet_ros.errors import ThreadDiedError
from posenet_ros.ros.callbacks.guarded_node import GuardedNode
from posenet_ros.ros.rclpy_release import ClockType

Output = pytest.CaptureFixture[str]
GOOD = Parameter(
    name='level', value=ParameterValue(type=ParameterType.PARAMETER_INTEGER, integer_value=2)
)
BAD = Parameter(name='level', value=ParameterValue(type=99))


class Managed(GuardedNode, LifecycleNode):
    """A managed node."""


@pytest.fixture
def node(graph: Graph) -> Iterator[Managed]:
    make: Any = PythonParameter  # it has no types
    overrides = [make('use_sim_time', value=True)]
    with graph.host(
        lambda context: Managed('guarded', context=context, parameter_overrides=overrides)
    ) as made:
        assert isinstance(made, Managed)
        made.declare_parameter('level', 1)
        yield made


def fail(*_: object) -> NoReturn:
    raise ZeroDivisionError('unexpected')


@pytest.mark.parametrize('transition', [0, 3, 30, 99, 255])
def test_a_transition_that_is_unknown_or_not_possible_is_refused(
    graph: Graph, node: Managed, transition: int, capfd: Output
) -> None:
    request = ChangeState.Request(transition=Transition(id=transition))
    assert not graph.call(ChangeState, 'guarded/change_state', request).success
    # The node's line, or since Kilted rclpy's own line of the same node.
    error = capfd.readouterr().err
    assert any('[ERROR]' in line and '[guarded]: ' in line for line in error.splitlines())
    response = graph.call(GetState, 'guarded/get_state', GetState.Request())
    assert response.current_state.label == 'unconfigured'
    request = ChangeState.Request(transition=Transition(id=Transition.TRANSITION_CONFIGURE))
    assert graph.call(ChangeState, 'guarded/change_state', request).success


def test_a_parameter_of_unknown_type_is_refused_and_so_are_those_after_it(
    graph: Graph, node: Managed
) -> None:
    request = SetParameters.Request(parameters=[GOOD, BAD, GOOD])
    response = graph.call(SetParameters, 'guarded/set_parameters', request)
    results: list[SetParametersResult] = response.results
    assert [one.successful for one in results] == [True, False, False]
    assert '99' in results[1].reason
    assert 'earlier parameter' in results[2].reason
    assert node.get_parameter('level').value == 2


def test_parameters_set_together_are_all_refused_if_one_has_an_unknown_type(
    graph: Graph, node: Managed
) -> None:
    request = SetParametersAtomically.Request(parameters=[GOOD, BAD])
    name = 'guarded/set_parameters_atomically'
    result = graph.call(SetParametersAtomically, name, request).result
    assert not result.successful
    assert '99' in result.reason
    assert node.get_parameter('level').value == 1
    request = SetParametersAtomically.Request(parameters=[GOOD])
    assert graph.call(SetParametersAtomically, name, request).result.successful


def test_a_negative_time_on_the_clock_is_logged_and_the_clock_goes_on(
    graph: Graph, node: Managed, capfd: Output
) -> None:
    publisher = graph.node.create_publisher(Clock, '/clock', 10)
    graph.wait_until(publisher.get_subscription_count, 'the subscription to /clock')
    negative, positive = Clock(), Clock()
    negative.clock.sec, positive.clock.sec = -5, 7
    log = ''

    def logged() -> bool:
        nonlocal log
        log += capfd.readouterr().err
        return 'the callback of /clock failed' in log

    graph.publish_until(publisher, negative, logged, 'the log line')
    graph.publish_until(
        publisher, positive, lambda: node.get_clock().now().nanoseconds == 7 * 10**9, 'the time'
    )
    assert 'Traceback' not in log


def test_subscriptions_and_timers_that_raise_once_go_on(
    graph: Graph, node: Managed, capfd: Output
) -> None:
    calls: list[object] = []

    def fail_once(*given: object) -> None:
        calls.append(given)
        if len(calls) == 1:
            fail()

    node.create_subscription(String, 'words', fail_once, 10)
    publisher = graph.node.create_publisher(String, 'words', 10)
    graph.publish_until(publisher, String(), lambda: len(calls) >= 2, 'a second message')
    calls.clear()
    # The node's own clock stands still, as nobody publishes on /clock.
    node.create_timer(0.01, fail_once, clock=WallClock(clock_type=ClockType.STEADY_TIME))
    graph.wait_until(lambda: len(calls) >= 2, 'a second call of the timer')
    assert 'ZeroDivisionError: unexpected' in capfd.readouterr().err


def test_an_error_that_is_meant_to_end_the_node_is_raised(graph: Graph, node: Managed) -> None:
    def end(_: object) -> None:
        raise ThreadDiedError('a thread died')

    node.create_subscription(String, 'words', end, 10)
    publisher = graph.node.create_publisher(String, 'words', 10)
    with pytest.raises(ThreadDiedError):
        graph.publish_until(publisher, String(), lambda: False, 'the end')
