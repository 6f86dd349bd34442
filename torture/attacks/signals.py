"""SIGINT and SIGTERM at random instants."""

from collections.abc import Sequence
from dataclasses import dataclass
import os
from pathlib import Path
import re
import signal
import subprocess
import sys
import tempfile
import time

from ament_index_python import get_package_prefix
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from ros_graph import domain_environment
from torture.bounds import MAX_END
from torture.session import Session
from torture.victim import last_line, TRACEBACK

from posenet_ros.image_files import write_png

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

# CPU time in seconds that Python and the packages of the environment need before the first line of
# a program. Until then, nothing can be done about a signal.
_INTERPRETER_START = 0.15

# Most seconds after the start of a program at which it receives the signal.
_MAX_WAIT = 2.0


@dataclass(frozen=True)
class Kind:
    """A program that receives signals while it starts or works."""

    name: str
    command: Sequence[str]
    #: Whether it must end with exit code 0, and not only without a traceback.
    is_node: bool


def attack_signals(session: Session) -> None:
    """Start programs, and send them one or two signals after a random time."""
    picture = session.folder / 'picture.png'
    write_png(picture, session.picture)
    kinds = _kinds(picture)
    while session.goes_on:
        way = session.choice.randrange(6)
        if way == 0:
            _signal_active_node(session)
        elif way == 1:
            _signal_during_transition(session)
        else:
            _signal_program(session, session.choice.choice(kinds))


def _kinds(picture: Path) -> list[Kind]:
    prefix = Path(get_package_prefix('posenet_ros'))
    programs, command = prefix / 'lib' / 'posenet_ros', str(prefix / 'bin' / 'posenet')
    node = [str(programs / 'posenet_node')]
    source = [str(programs / 'image_source'), '--ros-args', '-p', f'source:={picture}']
    return [
        Kind('posenet_node', node, True),
        Kind('posenet_node', node, True),
        Kind('image_source', source, True),
        Kind('posenet estimate', [command, 'estimate', *[str(picture)] * 50], False),
        Kind('posenet models', [command, 'models'], False),
        Kind('posenet doctor', [command, 'doctor'], False),
    ]


def _signal_program(session: Session, kind: Kind) -> None:
    """Start a program, send it signals within the first seconds, and judge how it ends."""
    wait = session.choice.uniform(0, _MAX_WAIT)
    numbers = [session.choice.choice(_SIGNALS) for _ in range(session.choice.choice([1, 1, 2]))]
    what = f'{kind.name}, {"+".join(number.name for number in numbers)} after {wait:.2f} s'
    session.tally.done[f'{kind.name}, starting'] += 1
    with tempfile.TemporaryFile('a+') as output:
        process = subprocess.Popen(
            [sys.executable, *kind.command],
            env=domain_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        time.sleep(wait)
        is_early = _runs_no_code_of_ours(process.pid)
        sent = time.monotonic()
        for number in numbers:
            process.send_signal(number)
        try:
            process.wait(MAX_END)
        except subprocess.TimeoutExpired:
            session.tally.fail(f'{what}: it did not end within {MAX_END:g} s')
            process.kill()
            process.wait()
        _note_end(session, time.monotonic() - sent)
        output.seek(0)
        printed = output.read()
    if is_early:
        session.tally.done['signal before the first line of a program (not judged)'] += 1
    else:
        _judge(session, what, kind, process.returncode, printed)


def _runs_no_code_of_ours(process: int) -> bool:
    """Return whether Python is still starting: no handler of SIGTERM, and hardly any CPU time."""
    folder = Path('/proc') / str(process)
    try:
        status = (folder / 'status').read_text()
        # proc(5): utime and stime are fields 14 and 15. The name before them may contain spaces.
        fields = (folder / 'stat').read_text().rpartition(')')[2].split()
    except OSError:
        return False
    masks = [int(mask, 16) for mask in re.findall(r'Sig(?:Cgt|Ign):\s*(\w+)', status)]
    if any(mask >> (signal.SIGTERM - 1) & 1 for mask in masks):
        return False
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf('SC_CLK_TCK') < _INTERPRETER_START


def _judge(session: Session, what: str, kind: Kind, exit_code: int, printed: str) -> None:
    tally = session.tally
    if TRACEBACK in printed:
        tally.tracebacks += 1
        tally.fail(f'{what}: traceback: {last_line(printed)}')
    elif re.search(r'\[(ERROR|FATAL)\]', printed):
        tally.fail(f'{what}: an error was logged: {printed[-300:]!r}')
    elif kind.is_node and exit_code:
        tally.fail(f'{what}: exit code {exit_code}: {printed[-300:]!r}')
    elif exit_code < 0 and -exit_code not in _SIGNALS:
        tally.crashes += 1
        tally.fail(f'{what}: it crashed with signal {-exit_code}: {printed[-300:]!r}')


def _note_end(session: Session, seconds: float) -> None:
    """Remember the longest time to the end, as the longest delay of this attack."""
    session.tally.longest_delay = max(session.tally.longest_delay, round(seconds, 2))


def _signal_active_node(session: Session) -> None:
    """Send a signal to a node that is processing images."""
    session.tally.done['posenet_node, active'] += 1
    victim = session.start_victim()
    try:
        if not victim.wait_until_ready():
            victim.fail('the node did not become active')
        elif session.warm_up(victim):
            for camera in session.cameras * session.choice.randrange(4):
                camera.publish_good(session.picture, 0)
            time.sleep(session.choice.uniform(0, 0.05))
    finally:
        start = time.monotonic()
        victim.end(session.choice.choice(_SIGNALS), may_log_errors=False)
        _note_end(session, time.monotonic() - start)


def _signal_during_transition(session: Session) -> None:
    """Send a signal to a node while it changes its state."""
    session.tally.done['posenet_node, in transition'] += 1
    victim = session.start_victim('autostart:=false')
    client = session.graph.node.create_client(ChangeState, 'posenet/change_state')
    try:
        if session.state(victim) != 'unconfigured':
            victim.fail('the node is not unconfigured after a start without autostart')
        for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
            client.call_async(ChangeState.Request(transition=Transition(id=transition)))
        session.graph.holds_within(lambda: False, session.choice.uniform(0, 0.6))
    finally:
        victim.end(session.choice.choice(_SIGNALS), may_log_errors=False)
        session.graph.node.destroy_client(client)
