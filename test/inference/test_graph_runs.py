"""Runs with arrays and with bound buffers, which are real, but in the CPU's memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_graphs import column, save_graph, small_feed

from posenet_ros.inference.graph import ALIGNMENT, Feed
from posenet_ros.inference.graph_runs import BoundRun, GraphRun, PlainRun
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.sessions import new_session, run_options

#: The maximum number of shapes with buffers.
SHAPES = 8
#: A number of columns with which a run is large.
LARGE = 2_000_000


class CountingSession:
    """A session that counts how often buffers are bound, and records the options of its runs."""

    def __init__(self, path: Path) -> None:
        self._real = new_session(path, [('CPUExecutionProvider', {})], 1)
        self.bindings = 0
        self.recordings: list[str] = []
        self.frees_memory: list[bool] = []

    def io_binding(self) -> Any:
        self.bindings += 1
        return self._real.io_binding()

    def run(self, outputs: Any, inputs: Any, options: Any) -> Any:
        try:
            options.get_run_config_entry('memory.enable_memory_arena_shrinkage')
            self.frees_memory.append(True)
        except RuntimeError:
            self.frees_memory.append(False)
        return self._real.run(outputs, inputs, options)

    def run_with_iobinding(self, binding: Any, options: Any) -> None:
        try:
            self.recordings.append(options.get_run_config_entry('gpu_graph_id'))
        except RuntimeError:
            self.recordings.append('none')
        self._real.run_with_iobinding(binding, options)


@pytest.fixture
def session(tmp_path: Path) -> CountingSession:
    return CountingSession(save_graph(tmp_path).path)


def bound(session: CountingSession, *, replays: bool = False) -> BoundRun:
    return BoundRun(session, device='cpu', device_id=0, replays=replays)


RUNS = pytest.mark.parametrize('make_run', [PlainRun, bound], ids=['plain', 'bound'])
MakeRun = Callable[[CountingSession], GraphRun]


@RUNS
def test_outputs_are_in_the_order_of_their_shapes(
    session: CountingSession, make_run: MakeRun
) -> None:
    doubled, negated = make_run(session)(small_feed([1, 2], 3), run_options())
    np.testing.assert_array_equal(doubled, [[2, 2, 2], [4, 4, 4]])
    np.testing.assert_array_equal(negated, [[-1, -1, -1], [-2, -2, -2]])


@RUNS
def test_outputs_stay_valid_after_the_next_run(
    session: CountingSession, make_run: MakeRun
) -> None:
    run = make_run(session)
    first, _ = run(small_feed([1], 2), run_options())
    second, _ = run(small_feed([5], 2), run_options())
    np.testing.assert_array_equal(first, [[2, 2]])
    np.testing.assert_array_equal(second, [[10, 10]])


@RUNS
def test_an_input_of_one_shape_can_be_combined_with_others_of_any_shape(
    session: CountingSession, make_run: MakeRun
) -> None:
    run = make_run(session)
    for columns in (1, 4, 2, 4):
        doubled, _ = run(small_feed([3], columns), run_options())
        np.testing.assert_array_equal(doubled, [[6] * columns])


@pytest.mark.parametrize(
    ('columns', 'frees_memory'),
    [
        ([1, 2, 3], [False, False, False]),
        ([1, LARGE, 1, 2], [False, True, True, False]),
        ([LARGE, LARGE, LARGE, 1], [True, False, False, True]),
    ],
)
def test_memory_is_freed_when_sizes_change_from_or_to_a_large_run(
    session: CountingSession, columns: list[int], frees_memory: list[bool]
) -> None:
    run = PlainRun(session)
    for count in columns:
        run(small_feed([1], count), run_options())
    assert session.frees_memory == frees_memory


def test_data_that_is_not_contiguous_is_copied_to_the_device(session: CountingSession) -> None:
    feed = small_feed([1, 2], 1)
    every_second = column([1, 9, 2, 9])[::2]
    doubled, _ = bound(session)(
        Feed({**feed.inputs, 'column': every_second}, feed.output_shapes), run_options()
    )
    np.testing.assert_array_equal(doubled, [[2], [4]])


def test_buffers_are_bound_once_for_each_combination_of_shapes(session: CountingSession) -> None:
    run = bound(session)
    for _ in range(3):
        for feed in (small_feed([1], 2), small_feed([1], 3), small_feed([1, 2], 2)):
            run(feed, run_options())
    assert session.bindings == 3


def test_all_inputs_and_outputs_are_on_the_device(
    session: CountingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_device: list[tuple[int, ...]] = []
    real = onnxruntime.OrtValue.ortvalue_from_shape_and_type

    def allocate(shape: tuple[int, ...], *arguments: Any) -> Any:
        on_device.append(shape)
        return real(shape, *arguments)

    monkeypatch.setattr(onnxruntime.OrtValue, 'ortvalue_from_shape_and_type', allocate)
    bound(session)(small_feed([1, 2, 3], 4), run_options())
    # The two outputs share one allocation, with 64 values (256 bytes) for each.
    assert on_device == [(3, 1), (1, 4), (128,)]


def shared_feed(values: list[float], columns: int) -> Feed:
    """Return a small feed whose inputs share memory on the CPU."""
    feed = small_feed(values, columns)
    memory = np.empty(2 * ALIGNMENT, np.uint8)
    inputs: dict[str, Any] = {}
    for number, (name, array) in enumerate(feed.inputs.items()):
        inputs[name] = np.ndarray(array.shape, np.float32, memory, number * ALIGNMENT)
        inputs[name][:] = array
    return Feed(inputs, feed.output_shapes)


class Copies:
    """Counts the copies to and from a device."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.uploads = 0
        self.downloads = 0
        value = onnxruntime.OrtValue
        self._update, self._numpy = value.update_inplace, value.numpy
        monkeypatch.setattr(value, 'update_inplace', lambda *given: self._upload(*given))
        monkeypatch.setattr(value, 'numpy', lambda *given: self._download(*given))

    def _upload(self, *given: Any) -> None:
        self.uploads += 1
        self._update(*given)

    def _download(self, *given: Any) -> Any:
        self.downloads += 1
        return self._numpy(*given)


def test_inputs_that_share_memory_are_uploaded_in_one_copy(
    session: CountingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, copies = bound(session), Copies(monkeypatch)
    for value in (1, 2):
        doubled, negated = run(shared_feed([value, 3], 2), run_options())
        np.testing.assert_array_equal(doubled, [[2 * value] * 2, [6, 6]])
        np.testing.assert_array_equal(negated, [[-value] * 2, [-3, -3]])
    assert copies.uploads == 2
    assert session.bindings == 1


def test_other_inputs_are_uploaded_one_by_one(
    session: CountingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, copies = bound(session), Copies(monkeypatch)
    run(small_feed([1], 2), run_options())
    assert copies.uploads == 2


def test_all_outputs_are_downloaded_in_one_copy(
    session: CountingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, copies = bound(session), Copies(monkeypatch)
    run(small_feed([1], 2), run_options())
    assert copies.downloads == 1


def test_inputs_of_one_shape_may_share_memory_in_some_runs_only(session: CountingSession) -> None:
    run = bound(session)
    for feed in (shared_feed([1], 2), small_feed([2], 2), shared_feed([3], 2), small_feed([4], 2)):
        doubled, _ = run(feed, run_options())
        np.testing.assert_array_equal(doubled, 2 * feed.inputs['column'] * np.ones(2))
    assert session.bindings == 2


def test_the_buffers_of_the_least_recently_used_shape_are_dropped(
    session: CountingSession,
) -> None:
    run = bound(session)
    for columns in range(1, SHAPES + 1):
        run(small_feed([1], columns), run_options())
    run(small_feed([1], 1), run_options())
    run(small_feed([1], SHAPES + 1), run_options())  # drops those of 2 columns
    assert session.bindings == SHAPES + 1
    run(small_feed([1], 1), run_options())
    assert session.bindings == SHAPES + 1
    run(small_feed([1], 2), run_options())
    assert session.bindings == SHAPES + 2


def test_each_shape_is_recorded_under_its_own_number(session: CountingSession) -> None:
    run = bound(session, replays=True)
    for columns in (1, 2, 1, 3, 2):
        run(small_feed([1], columns), run_options())
    assert session.recordings == ['1', '2', '1', '3', '2']


def test_only_the_first_shapes_are_recorded_and_keep_their_buffers(
    session: CountingSession,
) -> None:
    run = bound(session, replays=True)
    for columns in range(1, 2 * SHAPES + 3):
        run(small_feed([1], columns), run_options())
    assert session.recordings[:SHAPES] == [str(number) for number in range(1, SHAPES + 1)]
    assert set(session.recordings[SHAPES:]) == {'-1'}
    bindings = session.bindings
    run(small_feed([1], 1), run_options())
    assert session.recordings[-1] == '1'
    assert session.bindings == bindings


def test_without_replays_no_run_is_recorded(session: CountingSession) -> None:
    bound(session)(small_feed([1], 1), run_options())
    assert session.recordings == ['none']
