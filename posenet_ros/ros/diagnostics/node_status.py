"""The status of the node on /diagnostics."""

from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from posenet_ros.ros.log_text import cut

# What a lifecycle state means, unless its name is clear enough.
_STATES = {
    'unconfigured': 'unconfigured: no model loaded, nothing published',
    'inactive': 'inactive: model loaded, no images received',
    'finalized': 'finalized: shut down for good; the process can be ended',
}


@dataclass(frozen=True, kw_only=True)
class NodeState:
    """What is known about the node at the moment of a report."""

    #: Name of the lifecycle state.
    state: str
    #: Why the last transition failed; None if it succeeded.
    failed_transition: str | None = None
    #: What is wrong with the execution provider now; None if nothing is.
    notice: str | None = None
    #: Why a thread died, which ends the process; None if no thread died.
    dead_thread: str | None = None
    #: Why the middleware has too little shared memory for images; None if it has enough.
    shortage: str | None = None
    #: Why the node's time stands still; None if it does not.
    missing_clock: str | None = None


def to_node_status(name: str, node: NodeState) -> DiagnosticStatus:
    """
    Return the status of the node of that name.

    The level is ERROR if a thread died or the last transition failed; else WARN if there is a
    notice about an execution provider, a shortage of shared memory, or simulated time that nobody
    publishes; else OK, in any lifecycle state.
    """
    error = node.dead_thread or node.failed_transition
    warning = '; '.join(filter(None, (node.notice, node.shortage, node.missing_clock)))
    level = DiagnosticStatus.WARN if warning else DiagnosticStatus.OK
    return DiagnosticStatus(
        level=DiagnosticStatus.ERROR if error else level,
        name=name,
        message=cut(error or warning or _STATES.get(node.state, node.state)),
        hardware_id=name,
        values=[KeyValue(key='state', value=node.state)],
    )
