"""Services of a running posenet_node, for tests: states and parameters."""

from typing import Any

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Parameter, ParameterValue, SetParametersResult
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.parameter import Parameter as PythonParameter
from ros_graph import Graph


def change_state(graph: Graph, transition: int) -> bool:
    """Request a transition, and return whether it succeeded."""
    request = ChangeState.Request(transition=Transition(id=transition))
    return bool(graph.call(ChangeState, 'posenet/change_state', request).success)


def state(graph: Graph) -> str:
    """Return the name of the node's state."""
    answer = graph.call(GetState, 'posenet/get_state', GetState.Request())
    return str(answer.current_state.label)


def value_of(value: Any) -> ParameterValue:
    """Convert a Python value to a ParameterValue."""
    return PythonParameter('any', value=value).get_parameter_value()


def set_parameters(graph: Graph, **values: Any) -> SetParametersResult:
    """Set parameters of the node, all or none."""
    request = SetParametersAtomically.Request()
    request.parameters = [Parameter(name=name, value=value_of(v)) for name, v in values.items()]
    return graph.call(SetParametersAtomically, 'posenet/set_parameters_atomically', request).result
