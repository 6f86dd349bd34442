"""What is logged about transitions that fail."""

import pytest
from ros_graph import Graph

from posenet_ros.errors import PosenetError
from posenet_ros.ros.transitions import Transitions

CONFIGURE = 'ros2 lifecycle set /test configure'
ACTIVATE = 'ros2 lifecycle set /test activate'


@pytest.mark.parametrize(
    ('transition', 'commands'),
    [('configure', f'{CONFIGURE} && {ACTIVATE}'), ('activate', ACTIVATE)],
)
def test_the_hint_of_a_failed_transition_names_all_transitions_until_the_node_is_active(
    graph: Graph, capfd: pytest.CaptureFixture[str], transition: str, commands: str
) -> None:
    def fail() -> None:
        raise PosenetError('no model')

    Transitions(graph.node).attempt(transition, fail, undo=lambda: None)
    (line,) = capfd.readouterr().err.splitlines()
    assert line.endswith(f'cannot {transition}: no model; after fixing it, run: {commands}')
