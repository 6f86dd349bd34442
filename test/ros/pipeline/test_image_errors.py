from made_cameras import camera_in
import pytest
from ros_graph import Graph

from posenet_ros.errors import ImageError
from posenet_ros.ros.pipeline.image_errors import ImageErrors


@pytest.fixture
def errors(graph: Graph) -> ImageErrors:
    return ImageErrors(graph.node)


def raised(error: Exception) -> Exception:
    """Return an error with a traceback."""
    try:
        raise error
    except Exception as caught:
        return caught


def test_an_expected_error_is_counted_and_logged_in_one_line(
    graph: Graph, errors: ImageErrors, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = camera_in(graph, 'front')
    errors.refuse(camera, raised(ImageError('step is 1, too small')))
    seen = camera.statistics.snapshot(0.0)
    assert (seen.refused, seen.last_refusal) == (1, 'step is 1, too small')
    log = capfd.readouterr().err
    assert '/front/image: image dropped: step is 1, too small' in log
    assert 'Traceback' not in log


def test_an_unexpected_error_without_a_message_is_counted_by_its_name(
    graph: Graph, errors: ImageErrors
) -> None:
    camera = camera_in(graph, 'front')
    errors.refuse(camera, raised(ZeroDivisionError()))
    assert camera.statistics.snapshot(0.0).last_refusal == 'ZeroDivisionError()'


def test_a_warning_does_not_count_the_image_as_refused(
    graph: Graph, errors: ImageErrors, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = camera_in(graph, 'front')
    errors.warn(camera, 'markers not published', raised(ImageError('too large')))
    assert camera.statistics.snapshot(0.0).refused == 0
    assert 'markers not published: too large' in capfd.readouterr().err


def test_errors_of_images_that_were_cut_short_by_a_stop_are_ignored(
    graph: Graph, errors: ImageErrors, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = camera_in(graph, 'front')
    errors.stop()
    errors.refuse(camera, raised(ImageError('interrupted')))
    errors.report(raised(ZeroDivisionError()))
    assert camera.statistics.snapshot(0.0).refused == 0
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize('kind', [ImageError, ValueError])
def test_a_reason_of_megabytes_is_cut_in_the_log_and_in_the_statistics(
    kind: type[Exception], graph: Graph, errors: ImageErrors, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = camera_in(graph, 'front')
    errors.refuse(camera, raised(kind('unknown encoding ' + 'x' * 1_000_000)))
    reason = str(camera.statistics.snapshot(0.0).last_refusal)
    assert reason.startswith('unknown encoding')
    assert len(reason) < 600
    assert len(capfd.readouterr().err) < 4000


def test_the_same_exception_is_logged_once_in_a_while(
    graph: Graph, errors: ImageErrors, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = camera_in(graph, 'front')
    for _ in range(10):
        errors.refuse(camera, raised(ValueError('unexpected')))
        errors.report(raised(ValueError('unexpected')))
    assert capfd.readouterr().err.count('Traceback') == 2
    assert camera.statistics.snapshot(0.0).refused == 10
