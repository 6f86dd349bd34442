import base64
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tracemalloc
from types import SimpleNamespace
from typing import NoReturn

from command_line import write_picture
from made_videos import walking_frames, write_video
import numpy as np
import pytest

from posenet_ros.cli.estimation import pictures
from posenet_ros.cli.estimation.report.page import Report
from posenet_ros.cli.estimation.report.sections import Section
from posenet_ros.cli.main import main
from posenet_ros.errors import ImageError
from posenet_ros.image_files import read_image
from posenet_ros.videos import VideoWriter

Output = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures('network_075')

CHROMIUM = shutil.which('chromium')


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace plotly, so that pages are small."""
    plotly = SimpleNamespace(get_plotlyjs=lambda: '/* plotly */')
    monkeypatch.setitem(sys.modules, 'plotly', SimpleNamespace(offline=plotly))
    monkeypatch.setitem(sys.modules, 'plotly.offline', plotly)


def write_page(folder: Path, *inputs: Path, code: int = 0) -> str:
    """Run the command, and return the page."""
    page = folder / 'page.html'
    outputs = ['--annotate', str(folder / 'out'), '--report', str(page)]
    assert main(['estimate', *map(str, inputs), *outputs]) == code
    return page.read_text()


@pytest.mark.usefixtures('stand_in')
def test_the_page_contains_the_annotated_copies_and_the_poses(tmp_path: Path) -> None:
    video = write_video(tmp_path / '<v>.mp4', walking_frames(4))
    page = write_page(tmp_path, video, write_picture(tmp_path))
    for name, kind in (('_v__poses.mp4', 'video/mp4'), ('astronaut_poses.png', 'image/png')):
        path = next(
            path for path in (tmp_path / 'out').iterdir() if path.suffix == Path(name).suffix
        )
        content = base64.b64encode(path.read_bytes()).decode()
        assert f'src="data:{kind};base64,{content}"' in page
    assert '&lt;v&gt;.mp4</h2>' in page
    (text,) = re.findall(r'<script id="data"[^>]*>(.*)</script>', page)
    sections = json.loads(text)['sections']
    assert [section['counts'] for section in sections] == [[1, 1, 1, 1], [1]]
    assert sections[0]['people']['1']['t'] == pytest.approx([2 / 30, 3 / 30], abs=1e-3)
    assert sections[0]['colours']['1'] == 'rgb(230,159,0)'


@pytest.mark.usefixtures('stand_in')
def test_the_page_allows_no_network_access(tmp_path: Path) -> None:
    page = write_page(tmp_path, write_picture(tmp_path))
    assert "default-src 'none'" in page
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', page) == []


def test_a_report_without_annotated_copies_is_wrong_usage(capsys: Output) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['estimate', 'a.png', '--report', 'page.html'])
    assert '--report has no effect without --annotate' in capsys.readouterr().err


def test_without_plotly_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setitem(sys.modules, 'plotly.offline', None)
    monkeypatch.chdir(tmp_path)
    assert main(['estimate', 'a.png', '--annotate', 'out', '--report', 'page.html']) == 1
    assert 'pip install plotly' in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def fail_to_write(*_: object) -> NoReturn:
    raise ImageError('the disk is full')


@pytest.mark.usefixtures('stand_in')
def test_a_copy_that_cannot_be_written_is_not_in_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    video = write_video(tmp_path / 'v.mp4', walking_frames(2))
    (tmp_path / 'out').mkdir()
    for name in ('v_poses.mp4', 'astronaut_poses.png'):
        (tmp_path / 'out' / name).write_bytes(b'the copy of an earlier run')
    monkeypatch.setattr(pictures, 'write_png', fail_to_write)
    monkeypatch.setattr(VideoWriter, 'close', fail_to_write)
    page = write_page(tmp_path, write_picture(tmp_path), video, code=1)
    assert capsys.readouterr().err.count('the disk is full') == 2
    assert base64.b64encode(b'the copy of an earlier run').decode() not in page
    assert 'data:' not in page.partition('<script>')[0].partition('<body>')[2]


@pytest.mark.usefixtures('stand_in')
def test_copies_are_not_in_memory_as_a_whole(tmp_path: Path) -> None:
    size = 20_000_000
    (tmp_path / 'v_poses.mp4').write_bytes(bytes(size))
    report = Report(tmp_path / 'page.html')
    report.add_video(Section('v.mp4', is_video=True), tmp_path / 'v_poses.mp4')
    tracemalloc.start()
    report.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 2
    assert (tmp_path / 'page.html').stat().st_size > size * 4 / 3


@pytest.mark.usefixtures('stand_in')
def test_a_page_that_cannot_be_written_is_named(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / 'file').write_text('')
    page = str(tmp_path / 'file' / 'page.html')
    assert main(['estimate', 'a.png', '--annotate', str(tmp_path), '--report', page]) == 1
    assert f'cannot write {page}' in capsys.readouterr().err


@pytest.mark.skipif(CHROMIUM is None, reason='chromium is not installed')
def test_a_browser_plays_the_video_and_the_red_line_follows(tmp_path: Path) -> None:
    pytest.importorskip('plotly', reason='plotly is not installed')
    video = write_video(tmp_path / 'v.mp4', walking_frames(30), rate=10)
    page = write_page(tmp_path, video)
    seek = '<script>document.querySelector("video").currentTime = 1.5;</script></body>'
    (tmp_path / 'page.html').write_text(page.replace('</body>', seek))
    picture = tmp_path / 'picture.png'
    options = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
    options += ['--disable-background-networking', '--disable-component-update', '--disable-sync']
    options += ['--virtual-time-budget=8000', '--window-size=1200,1000']
    options += [f'--user-data-dir={tmp_path / "user"}', f'--screenshot={picture}']
    subprocess.run(
        [str(CHROMIUM), *options, f'file://{tmp_path / "page.html"}'],
        capture_output=True,
        timeout=120,
        check=True,
    )
    image = read_image(picture).astype(int)
    red = (image[..., 0] > 180) & (image[..., 1:].max(axis=2) < 60)
    columns = np.flatnonzero(red[:, 600:].sum(axis=0) > 200)
    assert 200 < columns.mean() < 400  # in the middle of the plots
    left = image[200:500, 50:550]
    assert left.std() > 30  # the video shows a picture, not black
