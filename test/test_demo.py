"""The demo, in a process of its own as `make demo` runs it, but with fewer images."""

from pathlib import Path
import re
import subprocess
import sys

from golden import ROOT
from networks import load
import numpy as np
import pytest

from posenet_ros.image_files import read_image, write_png


@pytest.fixture(autouse=True)
def network() -> None:
    """Skip the test if the default model is not downloaded."""
    load('mobilenet_v1_075', 16)


def run_demo(*arguments: object) -> 'subprocess.CompletedProcess[str]':
    return subprocess.run(
        [sys.executable, ROOT / 'demo' / 'demo.py', *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_the_demo_fails_if_the_node_finds_nobody(tmp_path: Path) -> None:
    write_png(tmp_path / 'grey.png', np.full((240, 320, 3), 128, np.uint8))
    annotated = tmp_path / 'annotated.png'
    done = run_demo(tmp_path / 'grey.png', '--images', 3, '--annotated', annotated)
    assert done.returncode == 1, done.stderr
    assert 'demo: found nobody in' in done.stderr
    assert 'found people' not in done.stdout


def test_the_demo_succeeds_and_saves_an_annotated_image_if_the_node_finds_people(
    tmp_path: Path,
) -> None:
    annotated = tmp_path / 'annotated.png'
    done = run_demo('--images', 20, '--annotated', annotated)
    assert done.returncode == 0, done.stderr
    assert 'found people in ' in done.stdout
    assert re.search(r'person \d+, score 0\.', done.stdout)
    assert read_image(annotated).shape == (512, 1024, 3)


def test_the_demo_fails_if_a_node_exits(tmp_path: Path) -> None:
    done = run_demo(tmp_path / 'nowhere.png', '--annotated', tmp_path / 'annotated.png')
    assert done.returncode == 1
    assert 'demo: a node exited' in done.stderr
    assert 'nowhere.png' in done.stderr
