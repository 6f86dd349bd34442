from diagnostic_msgs.msg import DiagnosticStatus
import pytest

from posenet_ros.ros.diagnostics.node_status import NodeState, to_node_status


@pytest.mark.parametrize('state', ['unconfigured', 'inactive', 'active', 'finalized'])
def test_the_node_is_ok_in_every_lifecycle_state(state: str) -> None:
    report = to_node_status('posenet', NodeState(state=state))
    assert (report.level, report.message.partition(':')[0]) == (DiagnosticStatus.OK, state)


def test_a_failed_transition_is_an_error_with_its_cause() -> None:
    node = NodeState(state='unconfigured', failed_transition='cannot configure: no model')
    report = to_node_status('posenet', node)
    assert (report.level, report.message) == (
        DiagnosticStatus.ERROR,
        'cannot configure: no model',
    )


def test_an_execution_provider_that_failed_is_a_warning_with_its_cause() -> None:
    node = NodeState(state='active', notice='cuda failed: out of memory')
    report = to_node_status('posenet', node)
    assert (report.level, report.message) == (DiagnosticStatus.WARN, 'cuda failed: out of memory')


def test_a_dead_thread_is_the_error_even_if_there_are_other_problems() -> None:
    node = NodeState(
        state='active', failed_transition='cannot activate', notice='n', dead_thread='it died'
    )
    report = to_node_status('posenet', node)
    assert (report.level, report.message) == (DiagnosticStatus.ERROR, 'it died')


def test_simulated_time_that_nobody_publishes_is_a_warning() -> None:
    node = NodeState(state='active', missing_clock='nobody publishes /clock')
    report = to_node_status('posenet', node)
    assert (report.level, report.message) == (DiagnosticStatus.WARN, 'nobody publishes /clock')


def test_a_shortage_of_shared_memory_is_a_warning_beside_that_of_a_provider() -> None:
    node = NodeState(state='active', notice='cuda failed', shortage='images may get lost')
    report = to_node_status('posenet', node)
    assert report.level == DiagnosticStatus.WARN
    assert report.message == 'cuda failed; images may get lost'
