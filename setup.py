"""
Packaging of the library and the `posenet` command for pip, without ROS.

The colcon build does not use this file. CMakeLists.txt installs the package for ROS, including
its messages and nodes.
"""

from pathlib import Path
import xml.etree.ElementTree as ElementTree

from setuptools import find_packages, setup

_DEFINITIONS = 'posenet_ros.message_definitions'
_MANIFEST = ElementTree.parse(Path(__file__).with_name('package.xml')).getroot()

setup(
    name='posenet_ros',
    version=_MANIFEST.findtext('version'),
    description=_MANIFEST.findtext('description'),
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=[
        *find_packages(include=['posenet_ros', 'posenet_ros.*'], exclude=['posenet_ros.ros*']),
        _DEFINITIONS,
    ],
    # `posenet bag` writes our messages, whose definitions are in msg/.
    package_dir={_DEFINITIONS: 'msg'},
    package_data={
        'posenet_ros.posenet.weights': ['calibration.jpg'],
        'posenet_ros.cli.estimation.report': ['page.html', 'page.js'],
        _DEFINITIONS: ['*.msg'],
    },
    install_requires=['numpy', 'onnxruntime', 'opencv-python-headless<5', 'pillow>=9'],
    extras_require={
        'download': ['onnx', 'tqdm'],
        'video': ['av>=17', 'tqdm'],
        'bag': ['rosbags>=0.11', 'tqdm'],
        'report': ['plotly>=6'],
    },
    entry_points={'console_scripts': ['posenet = posenet_ros.cli.program:run']},
)
