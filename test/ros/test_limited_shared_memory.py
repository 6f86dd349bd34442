"""Images over real DDS where /dev/shm is as small as in a container."""

import os
from pathlib import Path
import re

from ament_index_python import get_package_prefix
from golden import ROOT
from limited_shared_memory import measure_traffic, run_full
import numpy as np
import pytest

from posenet_ros.image_files import write_png
from posenet_ros.ros.topics.middleware import is_fast_dds

PROFILE = ROOT / 'config' / 'fastdds_images.xml'

pytestmark = [
    pytest.mark.usefixtures('network_075'),
    pytest.mark.skipif(
        not is_fast_dds(),
        reason='only Fast DDS reads the profile, and another middleware is in use',
    ),
]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return a picture that is larger than Fast DDS's default segment."""
    path = tmp_path / 'picture.png'
    write_png(path, np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8))
    return path


def test_images_arrive_with_the_shared_memory_of_a_container(picture: Path) -> None:
    traffic = measure_traffic('64m', PROFILE, picture, images=60)
    # A busy machine may lose a few; without the profile, most are lost.
    assert traffic.lost * 4 < traffic.received
    assert 'may get lost' not in traffic.output + traffic.message


def test_a_segment_that_does_not_fit_is_logged_and_reported_with_the_remedy(
    picture: Path, tmp_path: Path
) -> None:
    profile = tmp_path / 'large.xml'
    text = re.sub(r'(<segment_size>)\d+', r'\g<1>67108864', PROFILE.read_text())
    profile.write_text(text)
    traffic = measure_traffic('64m', profile, picture, images=1)
    for text in (traffic.output, traffic.message):
        assert 'images may get lost: Fast DDS has 0.5 MB' in text
        assert '--shm-size' in text
    assert traffic.output.count('images may get lost') == 1


@pytest.mark.parametrize(
    ('name', 'present'),
    [
        ('posenet_node', []),
        ('image_source', []),
        ('posenet_node', ['lttng-ust-wait-6']),
        ('posenet_node', [f'lttng-ust-wait-6-{os.getuid()}']),
    ],
)
def test_a_node_exits_with_the_reason_if_no_shared_memory_is_left(
    name: str, present: list[str]
) -> None:
    program = Path(get_package_prefix('posenet_ros'), 'lib', 'posenet_ros', name)
    done = run_full(program, present)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert 'cannot start: /dev/shm has 0.1 MB, 0.0 MB of it free' in line
