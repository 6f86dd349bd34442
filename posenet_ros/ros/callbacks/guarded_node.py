"""A node whose callbacks raise no unexpected exceptions."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters, SetParametersAtomically
from rclpy.node import Node
from rclpy.service import Service
from rclpy.subscription import Subscription
from rclpy.timer import Timer

from posenet_ros.errors import PosenetError
from posenet_ros.ros.callbacks.callback_errors import CallbackErrors
from posenet_ros.ros.log_text import reason_of


class GuardedNode(Node):
    """
    Logs exceptions in its subscriptions, timers and services, so that executors do not see them.

    A service responds even then: it refuses the request. Only a PosenetError in a subscription or
    a timer is raised, because it is meant to end the node.

    This is needed for rclpy's own callbacks, too. They raise exceptions for an invalid transition
    (up to Jazzy; fixed in Kilted by ros2/rclpy#1209), for a parameter of unknown type, and for a
    negative time on /clock (both up to Kilted at least).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Create the node, with the arguments of the next class."""
        #: Logs the exceptions in the callbacks of this node.
        self.callback_errors = CallbackErrors(self)
        super().__init__(*arguments, **options)
        for service in self.services:
            service.callback = self._guarded_service(service)

    def create_subscription(
        self, msg_type: Any, topic: str, callback: Callable[..., Any], *others: Any, **options: Any
    ) -> Subscription:
        """Create a subscription as rclpy does, with a guarded callback."""
        guarded = self._guarded(f'the callback of {topic}', callback)
        return super().create_subscription(msg_type, topic, guarded, *others, **options)

    def create_timer(
        self, timer_period_sec: float, callback: Callable[[], Any], *others: Any, **options: Any
    ) -> Timer:
        """Create a timer as rclpy does, with a guarded callback."""
        guarded = self._guarded('the callback of a timer', callback)
        return super().create_timer(timer_period_sec, guarded, *others, **options)

    def _guarded(self, what: str, callback: Callable[..., Any]) -> Callable[..., None]:
        @wraps(callback)  # rclpy reads the signature of a subscription's callback
        def guarded(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except PosenetError:
                raise
            except Exception as error:  # one message must not end the node
                self.callback_errors.log(what, error)

        return guarded

    def _guarded_service(self, service: Service) -> Callable[[Any, Any], Any]:
        callback, what = service.callback, f'a request to {service.srv_name}'

        def guarded(request: Any, response: Any) -> Any:
            try:
                return callback(request, response)
            except Exception as error:  # one request must not end the node
                self.callback_errors.log(what, error)
                return _refusal(request, response, reason_of(error))

        return guarded


def _refusal(request: Any, response: Any, reason: str) -> Any:
    """Return the response to a request that failed; `response` is the one begun for it."""
    refused = SetParametersResult(successful=False, reason=reason)
    if isinstance(response, SetParameters.Response):
        later = SetParametersResult(reason='not set, as an earlier parameter is refused')
        missing = len(request.parameters) - len(response.results)
        response.results = [*response.results, refused, *[later] * (missing - 1)]
        return response
    if isinstance(response, SetParametersAtomically.Response):
        return SetParametersAtomically.Response(result=refused)
    return type(response)()
