"""The reliability campaign: a short run breaks no bound, and a broken bound is reported."""

import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

from golden import ROOT
import pytest

# Each has a node of its own, and starts it in about 4 s.
ATTACKS = ['messages', 'services']


def run_campaign(output: Path, *arguments: str) -> 'subprocess.CompletedProcess[str]':
    """Run the campaign and return its exit code and what it printed."""
    # The root comes last: the source package posenet_ros must not hide the installed one.
    paths = [f'{ROOT}/test/support', f'{ROOT}/benchmark', os.environ.get('PYTHONPATH', ''), ROOT]
    return subprocess.run(
        [sys.executable, ROOT / 'torture' / 'run.py', '--output', output, *arguments],
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(map(str, paths))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
    )


@pytest.mark.usefixtures('network_075')
def test_a_short_run_of_the_campaign_breaks_no_bound(tmp_path: Path) -> None:
    done = run_campaign(tmp_path, '--seconds', '12', '--seed', '3', '--only', *ATTACKS)
    assert done.returncode == 0, done.stdout
    results: dict[str, Any] = json.loads((tmp_path / 'results.json').read_text())
    assert list(results['attacks']) == ATTACKS
    for tally in results['attacks'].values():
        assert tally['failures'] == []
        assert tally['answered'] == tally['sent'] > 10
        assert sum(tally['done'].values()) > 10


def test_a_run_without_time_still_writes_its_page(tmp_path: Path) -> None:
    done = run_campaign(tmp_path, '--seconds', '0', '--only', 'signals')
    assert done.returncode == 0, done.stdout
    assert '# Reliability' in done.stdout
    assert '| signals |' in done.stdout
