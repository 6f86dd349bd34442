import json
import os
from pathlib import Path
import sys
from types import SimpleNamespace

from made_results import made_result
import pytest

from posenet_ros.cli.estimation.outputs import Outputs
from posenet_ros.cli.estimation.results import ImageResult, Moment
from posenet_ros.cli.output import OutputError

Output = pytest.CaptureFixture[str]


def result(moment: Moment | None) -> ImageResult:
    return made_result('a', moment, [], tracked=False)


def test_images_are_tables_and_videos_only_a_summary(capsys: Output) -> None:
    outputs = Outputs(json=False, csv=None)
    outputs.add(result(None))
    outputs.add(result(Moment(0, 0.0)))
    outputs.summarize('a: 1 frames')
    assert capsys.readouterr().out.splitlines() == ['a (640x480): 0 people', 'a: 1 frames']


def test_with_json_images_and_frames_are_lines_without_a_summary(capsys: Output) -> None:
    outputs = Outputs(json=True, csv=None)
    outputs.add(result(None))
    outputs.add(result(Moment(0, 0.0)))
    outputs.summarize('a: 1 frames')
    image, frame = map(json.loads, capsys.readouterr().out.splitlines())
    assert (image['image'], frame['video']) == ('a', 'a')


@pytest.mark.parametrize(('as_json', 'terminal'), [(True, True), (True, False), (False, True)])
def test_only_lines_of_frames_fill_a_terminal(
    as_json: bool, terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = Outputs(json=as_json, csv=None)
    monkeypatch.setattr(sys.stdout, 'isatty', lambda: terminal)
    assert outputs.fill_the_terminal is (as_json and terminal)


def test_an_error_leaves_a_table_with_the_results_before_it(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Outputs(json=True, csv=tmp_path / 'a.csv'):
        raise KeyboardInterrupt
    assert (tmp_path / 'a.csv').read_text().startswith('source,frame,time')


def test_if_one_file_cannot_be_written_nothing_is_left_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plotly = SimpleNamespace(get_plotlyjs=lambda: '')
    monkeypatch.setitem(sys.modules, 'plotly', SimpleNamespace(offline=plotly))
    monkeypatch.setitem(sys.modules, 'plotly.offline', plotly)
    (tmp_path / 'file').write_text('')
    page = tmp_path / 'file' / 'page.html'
    with pytest.raises(OutputError, match=r'cannot write .*page\.html'):
        Outputs(json=True, csv=tmp_path / 'a.csv', report=page)
    assert os.listdir(tmp_path) == ['file']
