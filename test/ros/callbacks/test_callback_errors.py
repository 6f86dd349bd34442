import time

import pytest
from rclpy.exceptions import ParameterNotDeclaredException
from ros_graph import Graph

from posenet_ros.errors import SettingError
from posenet_ros.ros.callbacks.callback_errors import CallbackErrors
from posenet_ros.settings import PoseSettings

Output = pytest.CaptureFixture[str]


def raised(error: Exception) -> Exception:
    """Return an error with a traceback outside of the package."""
    try:
        raise error
    except Exception as caught:
        return caught


def raised_in_the_package() -> Exception:
    with pytest.raises(SettingError) as caught:
        PoseSettings(score_threshold=2.0)
    return caught.value


def test_an_exception_is_logged_with_what_raised_it(graph: Graph, capfd: Output) -> None:
    CallbackErrors(graph.node).log('a request', raised(ParameterNotDeclaredException('colour')))
    (line,) = capfd.readouterr().err.splitlines()
    assert 'a request failed: ParameterNotDeclaredException: ' in line
    assert 'colour' in line


def test_only_an_exception_in_our_own_code_is_logged_with_a_traceback(
    graph: Graph, capfd: Output
) -> None:
    CallbackErrors(graph.node).log('a request', raised_in_the_package())
    assert 'Traceback' in capfd.readouterr().err


def test_each_kind_of_exception_is_logged_once_in_five_seconds(
    graph: Graph, capfd: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, 'monotonic', lambda: now)
    errors = CallbackErrors(graph.node)
    for value in range(100):
        errors.log('a request', raised(ValueError(f'{value} is not valid')))
    errors.log('a request', raised(TypeError('expected an integer')))
    errors.log('a timer', raised(ValueError('0 is not valid')))
    assert len(capfd.readouterr().err.splitlines()) == 3
    now += 5.0
    errors.log('a request', raised(ValueError('0 is not valid')))
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_nothing_is_logged_after_the_context_was_shut_down(graph: Graph, capfd: Output) -> None:
    errors = CallbackErrors(graph.node)
    graph.node.context.try_shutdown()
    errors.log('a request', raised(ValueError('0 is not valid')))
    assert capfd.readouterr().err == ''
