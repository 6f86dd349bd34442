"""The `posenet` command, ended by a signal at an instant that it reaches for certain."""

import os
import subprocess
import sys

from golden import ROOT

# The third run of the network waits, so that no process finishes its task before the signal.
_WAIT = 'batch_run.load_estimator = load_waiting'
_CODE = """
import os, signal, sys
from bag_conversions import load_waiting
from posenet_ros.cli.program import run
from posenet_ros.cli.batches import batch_run
from posenet_ros.cli.batches.batch_progress import BatchProgress

{preparation}
advance, done = BatchProgress.advance, []

def advance_or_end(self, **options):
    advance(self, **options)
    done.append(1)
    if len(done) == {count}:
        os.killpg(0, {number})

BatchProgress.advance = advance_or_end
sys.exit(run())
"""


def start_ended_command(
    *arguments: object, after: int, number: int, waiting: bool = False
) -> 'subprocess.Popen[str]':
    """
    Start `posenet` with these arguments; all its processes get a signal after some images.

    If `waiting`, no process completes more than two images.
    """
    code = _CODE.format(count=after, number=int(number), preparation=_WAIT if waiting else '')
    paths = [str(ROOT / 'test' / 'support'), os.environ.get('PYTHONPATH', '')]
    return subprocess.Popen(
        [sys.executable, '-c', code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, paths))},
    )
