"""What is logged about transitions that fail."""

import pytest
from ros_graph import Graph

from posenet_ros.errors import PosenetError, SettingError
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


def test_a_setting_that_is_refused_at_the_start_is_raised_and_remembered(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    transitions = Transitions(graph.node)

    def fail() -> None:
        raise SettingError('the override is refused')

    with pytest.raises(SettingError, match='the override is refused'):
        transitions.start(lambda: transitions.attempt('activate', fail, undo=lambda: None))
    assert transitions.failure == 'cannot activate: the override is refused'
    assert capfd.readouterr().err == ''  # whoever spins the node logs the error
