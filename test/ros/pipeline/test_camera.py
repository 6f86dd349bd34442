from made_cameras import camera_in
import pytest
from ros_graph import Graph


def test_each_camera_logs_at_most_one_warning_in_a_few_seconds(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    front, rear = camera_in(graph, 'front'), camera_in(graph, 'rear')
    front.warn(graph.node, 'first')
    front.warn(graph.node, 'second')
    rear.warn(graph.node, 'third')
    log = capfd.readouterr().err
    assert '/front/image: first' in log
    assert 'second' not in log
    assert '/rear/image: third' in log
