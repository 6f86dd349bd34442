"""What the `posenet` command leaves on a machine, and whom it talks to, as strace sees it."""

import os
from pathlib import Path
import shutil

from command_line import write_picture
import pytest
from traced_programs import traced

from posenet_ros.posenet.weights.store import cache_folder


@pytest.mark.parametrize('command', ['estimate', 'doctor', 'models'])
def test_the_command_writes_no_file_and_opens_no_socket(command: str, tmp_path: Path) -> None:
    arguments = [write_picture(tmp_path)] if command == 'estimate' else []
    posenet = shutil.which('posenet')
    assert posenet is not None
    home = tmp_path / 'home'  # an empty one, with nothing from earlier runs
    environment = {
        **os.environ,
        'HOME': str(home),
        'POSENET_HOME': str(cache_folder()),
        # Python may write compiled modules beside the sources, as for every program.
        'PYTHONDONTWRITEBYTECODE': '1',
    }
    with traced([posenet, command, *arguments], tmp_path, environment) as program:
        assert program.wait() == 0
        trace = program.trace()
    assert trace.written - {'/dev/null', '/dev/tty'} == set()
    assert trace.sockets == set()
    assert not home.exists()
