"""Requests for parameters and states: valid and invalid, from several clients at once."""

import random
import time
from typing import Any

from flood import GOOD
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetAvailableStates, GetAvailableTransitions, GetState
from node_services import value_of
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from torture.bounds import MAX_START
from torture.session import Session
from torture.victim import Victim

from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.settings import rows

_NAMES = [row.name for group in PARAMETERS for row in rows(group)]
_NAMES += ['', 'nothing', 'x' * 10_000, 'use_sim_time', 'a.b', 'ünïcode', 'qos_overrides', '\n']
# Fast enough that the worst run, on one core of two, stays far below the longest delay.
_INPUT_SIZES = ['', '33x33', '129x161', '257x257', '1x1', '-1x5', '99999x99999', '1e3x2', 'x']
_MAX_IMAGE_PIXELS = [36_000_000, 1_000_000_000, 0, -1, 2**63 - 1, 1e6, 'x']
_VALUES: list[Any] = [
    *(True, False, 0, 1, -1, 5, 2**63 - 1, -(2**63), 0.0, 0.5, 1e308, -1e-310),
    *(float('nan'), float('inf'), '', 'auto', 'multi_person', 'x' * 1_000_000, '\0', 'ü\n'),
    *([], [True], [1, 2], [0.5], ['a', 'b'], [b'\0'], ['x' * 1000] * 100),
]
_TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99, 255]

# Transitions that no state offers; 5, 6 and 7 shut the node down and are not among them.
_INVALID_TRANSITIONS = [0, 8, 9, 10, 20, 30, 40, 60, 99, 200, 255]
_TRANSITIONS = [
    Transition.TRANSITION_CONFIGURE,
    Transition.TRANSITION_ACTIVATE,
    Transition.TRANSITION_DEACTIVATE,
    Transition.TRANSITION_CLEANUP,
]
_SHUTDOWNS = {
    State.PRIMARY_STATE_UNCONFIGURED: Transition.TRANSITION_UNCONFIGURED_SHUTDOWN,
    State.PRIMARY_STATE_INACTIVE: Transition.TRANSITION_INACTIVE_SHUTDOWN,
    State.PRIMARY_STATE_ACTIVE: Transition.TRANSITION_ACTIVE_SHUTDOWN,
}

_CLIENTS = 3
# ROS 2 keeps the last 10 requests to a service. Of more than that at once, the oldest are lost.
_MAX_REQUESTS = 9


class Clients:
    """Some clients of every service of the node, whose requests are pending at the same time."""

    def __init__(self, session: Session) -> None:
        """Create the clients, and wait until the node responds to them."""
        self._session = session
        self._pending: list[Any] = []
        self._clients = [
            {
                kind: session.graph.node.create_client(kind, f'posenet/{name}')
                for kind, name in (
                    (SetParameters, 'set_parameters'),
                    (SetParametersAtomically, 'set_parameters_atomically'),
                    (GetParameters, 'get_parameters'),
                    (GetParameterTypes, 'get_parameter_types'),
                    (DescribeParameters, 'describe_parameters'),
                    (ListParameters, 'list_parameters'),
                    (ChangeState, 'change_state'),
                    (GetState, 'get_state'),
                    (GetAvailableStates, 'get_available_states'),
                    (GetAvailableTransitions, 'get_available_transitions'),
                )
            }
            for _ in range(_CLIENTS)
        ]

    def request(self, kind: type, request: Any) -> None:
        """Send a request from one of the clients, without waiting for the response."""
        self._session.tally.done[kind.__name__] += 1
        client = self._session.choice.choice(self._clients)[kind]
        self._pending.append(client.call_async(request))

    def close(self) -> None:
        """Close the clients, which a node that starts again would have to discover."""
        for clients in self._clients:
            for client in clients.values():
                self._session.graph.node.destroy_client(client)

    def wait(self, victim: Victim, after: str) -> None:
        """Wait until the node has responded to all requests."""
        graph = self._session.graph

        def are_done() -> bool:
            self._pending = [future for future in self._pending if not future.done()]
            return not self._pending or victim.has_ended

        if not graph.holds_within(are_done, MAX_START):
            victim.fail(f'{len(self._pending)} requests without a response after {after}')
        self._pending = []


def attack_services(session: Session) -> None:
    """Request random things, also while the state changes, then send good images, and so on."""
    while session.goes_on:
        with session.victim() as victim:
            # Later clients are discovered later: once the node responds to these calls, it has
            # discovered all clients before them.
            clients = Clients(session)
            session.state(victim)
            while session.goes_on and not victim.has_ended:
                _request_parameters(session, victim, clients)
                if session.choice.random() < 0.3:
                    _hammer_states(session, victim, clients)
                if session.choice.random() < 0.02:
                    _shut_down(session, victim)
                    break
            clients.close()


def _request_parameters(session: Session, victim: Victim, clients: Clients) -> None:
    """Send requests that leave the node active, with good images in between."""
    for _ in range(session.choice.randint(1, _MAX_REQUESTS)):
        kind, request = _random_request(session.choice)
        clients.request(kind, request)
    session.send_good(victim, 'requests for parameters')
    clients.wait(victim, 'requests for parameters')
    # One at a time now, so that the last good value applies.
    sizes = session.choice.choice(GOOD['input_size'])
    clients.request(SetParameters, _set_request(SetParameters, 'input_size', sizes))
    session.send_good(victim, f'input_size {sizes!r}')


def _random_request(choice: random.Random) -> tuple[type, Any]:
    """Return a request that reads or sets parameters, or asks for an invalid transition."""
    names = [choice.choice(_NAMES) for _ in range(choice.randrange(4))]
    way = choice.randrange(7)
    if way == 0:
        kind = choice.choice([GetParameters, GetParameterTypes, DescribeParameters])
        return kind, kind.Request(names=names)
    if way == 1:
        depth = choice.choice([0, 1, 2**64 - 1])
        return ListParameters, ListParameters.Request(prefixes=names, depth=depth)
    if way == 2:
        transition = Transition(id=choice.choice(_INVALID_TRANSITIONS))
        transition.label = choice.choice(['', 'nothing', 'x' * 10_000])
        return ChangeState, ChangeState.Request(transition=transition)
    if way == 3:
        kind = choice.choice([GetState, GetAvailableStates, GetAvailableTransitions])
        return kind, kind.Request()
    kind = choice.choice([SetParameters, SetParametersAtomically])
    if way == 4:
        name = choice.choice(list(GOOD))
        return kind, _set_request(kind, name, choice.choice(GOOD[name]))
    return kind, kind.Request(parameters=[_random_parameter(choice, name) for name in names])


def _set_request(kind: type, name: str, value: Any) -> Any:
    request: Any = kind
    return request.Request(parameters=[Parameter(name=name, value=value_of(value))])


def _random_parameter(choice: random.Random, name: str) -> Parameter:
    if name == 'input_size':
        return Parameter(name=name, value=value_of(choice.choice(_INPUT_SIZES)))
    if name == 'max_image_pixels':  # good images must stay below it
        return Parameter(name=name, value=value_of(choice.choice(_MAX_IMAGE_PIXELS)))
    if choice.random() < 0.3:
        value = ParameterValue(type=choice.choice(_TYPES), integer_value=3, string_value='x')
    else:
        value = value_of(choice.choice(_VALUES))
    if name == 'use_sim_time':  # simulated time without a clock would stop the node, rightly
        value = value_of(choice.choice([False, 'x', 1]))
    return Parameter(name=name, value=value)


def _hammer_states(session: Session, victim: Victim, clients: Clients) -> None:
    """Send many transitions at once, and bring the node back to active."""
    for _ in range(session.choice.randint(1, _MAX_REQUESTS)):
        ids = _TRANSITIONS if session.choice.random() < 0.7 else _INVALID_TRANSITIONS
        transition = Transition(id=session.choice.choice(ids))
        clients.request(ChangeState, ChangeState.Request(transition=transition))
    clients.wait(victim, 'transitions')
    if not session.activate(victim) and victim.check('transitions'):
        victim.fail('the node did not become active after transitions')
    elif session.warm_up(victim):
        session.send_good(victim, 'transitions')


def _shut_down(session: Session, victim: Victim) -> None:
    """Shut the node down; it must still respond, and end with exit code 0."""
    session.tally.done['shutdown'] += 1
    state = session.call(victim, GetState, 'get_state', GetState.Request())
    if state is None:
        return
    transition = _SHUTDOWNS.get(state.current_state.id, Transition.TRANSITION_ACTIVE_SHUTDOWN)
    start = time.monotonic()
    if not session.change_state(victim, transition):
        victim.fail(f'shutdown failed after {time.monotonic() - start:.1f} s')
    elif session.state(victim) != 'finalized':
        victim.fail('the node is not finalized after a shutdown')
