import os
from pathlib import Path
import subprocess
import sys

import pytest

from posenet_ros.posenet.weights import store

_PROGRAM = """
import numpy as np
from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.store import find_graph
network = PoseNet(find_graph('mobilenet_v1_075', 16))
network.infer([np.zeros((48, 64, 3), np.uint8)], [stretched((48, 64), (33, 33))])
"""


@pytest.mark.usefixtures('network_075')
def test_running_a_network_leaves_nothing_in_the_users_home(tmp_path: Path) -> None:
    hidden = {'ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    environment = {**kept, 'HOME': str(tmp_path), 'POSENET_HOME': str(store.cache_folder())}
    subprocess.run([sys.executable, '-c', _PROGRAM], env=environment, check=True)
    assert list(tmp_path.rglob('*')) == []
