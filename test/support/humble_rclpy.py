"""
The rclpy of Humble (3.3), imitated in a process that has a newer one.

It takes away from this package what Humble does not have, and puts Humble's own in its place:

- no module `event_handler`, `clock_type`, `type_hash` or `endpoint_info`; `qos_event` has the
  callbacks of events, without `matched` and `incompatible_type`
- no parameter callback but the one that checks values before they are set
- subscriptions pass only the message, without MessageInfo
- endpoints without type hash, nodes without `enable_logger_service`

As a plugin, it runs any test in this way, and the nodes that the test starts:

    PYTHONPATH=test/support:$PYTHONPATH pytest -p humble_rclpy test/ros/test_posenet_node.py
"""

import builtins
import os
from pathlib import Path
import sys
import tempfile
from types import ModuleType
from typing import Any

#: What `sitecustomize` must contain so that a program runs in this way.
PATCH = f"""
import sys
sys.path.append({str(Path(__file__).parent)!r})
import humble_rclpy
humble_rclpy.imitate_on_import()
"""
_MISSING = {
    'rclpy.clock_type',
    'rclpy.endpoint_info',
    'rclpy.event_handler',
    'rclpy.type_hash',
}
_MISSING_METHODS = (
    'add_post_set_parameters_callback',
    'add_pre_set_parameters_callback',
    'remove_post_set_parameters_callback',
    'remove_pre_set_parameters_callback',
)
_import = builtins.__import__


def imitate_on_import() -> None:
    """Imitate Humble as soon as this package imports rclpy, and not before."""
    builtins.__import__ = _import_as_in_humble


def pytest_configure(config: Any) -> None:
    """Imitate Humble in this process and in those that it starts."""
    imitate_on_import()
    _imitate()
    folder = tempfile.TemporaryDirectory()
    config.add_cleanup(folder.cleanup)
    (Path(folder.name) / 'sitecustomize.py').write_text(PATCH)
    os.environ['PYTHONPATH'] = f'{folder.name}{os.pathsep}{os.environ["PYTHONPATH"]}'


def _import_as_in_humble(name: str, *arguments: Any, **options: Any) -> Any:
    importer = (arguments[0] if arguments else options.get('globals')) or {}
    if str(importer.get('__name__')).startswith('posenet_ros') and name.startswith('rclpy'):
        _imitate()
        if name in _MISSING:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
    return _import(name, *arguments, **options)


def _imitate() -> None:
    """Change rclpy, once."""
    if 'rclpy.qos_event' in sys.modules:
        return
    from rclpy.executors import await_or_execute, Executor
    from rclpy.node import Node
    from rclpy.subscription import Subscription
    from rclpy.topic_endpoint_info import TopicEndpointInfo

    sys.modules['rclpy.qos_event'] = _qos_event()
    for name in _MISSING_METHODS:
        delattr(Node, name)
    initialize = Node.__init__

    def initialize_as_in_humble(node: Node, *arguments: Any, **options: Any) -> None:
        if 'enable_logger_service' in options:
            raise TypeError("unexpected keyword argument 'enable_logger_service'")
        initialize(node, *arguments, **options)

    def take_subscription(executor: Executor, subscription: Subscription) -> Any:
        with subscription.handle:
            taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)

        async def execute() -> None:
            if taken is not None:
                await await_or_execute(subscription.callback, taken[0])

        return execute

    _replace(Node, '__init__', initialize_as_in_humble)
    _replace(Executor, '_take_subscription', take_subscription)
    _replace(TopicEndpointInfo, 'topic_type_hash', property(_no_hash, lambda *_: None))
    del Subscription.CallbackType
    del Subscription.callback  # a property, which accepts callbacks with two arguments


def _replace(owner: type, name: str, value: object) -> None:
    setattr(owner, name, value)


def _no_hash(endpoint: object) -> None:
    raise AttributeError('topic_type_hash')


def _qos_event() -> ModuleType:
    """Return Humble's module: its classes take fewer events."""
    from rclpy import event_handler

    class SubscriptionEventCallbacks(event_handler.SubscriptionEventCallbacks):
        def __init__(
            self,
            *,
            deadline: Any = None,
            incompatible_qos: Any = None,
            liveliness: Any = None,
            message_lost: Any = None,
            use_default_callbacks: bool = True,
        ) -> None:
            super().__init__(
                deadline=deadline,
                incompatible_qos=incompatible_qos,
                liveliness=liveliness,
                message_lost=message_lost,
                use_default_callbacks=use_default_callbacks,
            )

    class PublisherEventCallbacks(event_handler.PublisherEventCallbacks):
        def __init__(
            self,
            *,
            deadline: Any = None,
            liveliness: Any = None,
            incompatible_qos: Any = None,
            use_default_callbacks: bool = True,
        ) -> None:
            super().__init__(
                deadline=deadline,
                liveliness=liveliness,
                incompatible_qos=incompatible_qos,
                use_default_callbacks=use_default_callbacks,
            )

    module = ModuleType('rclpy.qos_event')
    vars(module).update(
        SubscriptionEventCallbacks=SubscriptionEventCallbacks,
        PublisherEventCallbacks=PublisherEventCallbacks,
    )
    return module
