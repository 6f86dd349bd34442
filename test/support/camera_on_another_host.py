"""
A program that runs posenet_node until it reports a silent camera, and prints that report.

Usage: camera_on_another_host.py COMMAND...

The command runs a program on another host. It gets one that publishes /camera/image_raw, but never
sends an image.
"""

from pathlib import Path
import subprocess
import sys

from reports import Reports
from ros_graph import domain_environment, open_graph

_CAMERA = Path(__file__).resolve().parents[2] / 'torture' / 'programs' / 'network_camera.py'
_PATIENCE = 30.0


def _main(elsewhere: list[str]) -> None:
    camera = subprocess.Popen(
        [*elsewhere, sys.executable, _CAMERA, 'raw', '64x48', '30'],
        env=domain_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        with open_graph() as graph:
            reports = Reports(graph)
            settings = ('image_topics:=[/camera/image_raw]', 'image_timeout:=1.0')
            graph.start_posenet(*(word for one in settings for word in ('-p', one)))
            reports.wait_for('has a publisher', lambda one: one.camera)
            print(reports.camera.message)
    finally:
        try:
            camera.communicate(timeout=_PATIENCE)  # it ends when its input does
        except subprocess.TimeoutExpired:
            camera.kill()
            camera.communicate()


if __name__ == '__main__':
    _main(sys.argv[1:])
