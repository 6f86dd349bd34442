"""
Packaging of the ROS-free library and the `posenet` command, for pip.

The colcon build does not read this file: CMakeLists.txt installs the package for ROS, with its
messages and nodes.
"""

from pathlib import Path
import xml.etree.ElementTree as ElementTree

from setuptools import setup

_MANIFEST = ElementTree.parse(Path(__file__).with_name('package.xml')).getroot()

setup(
    name='posenet_ros',
    version=_MANIFEST.findtext('version'),
    description=_MANIFEST.findtext('description'),
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=[
        'posenet_ros',
        'posenet_ros.cli',
        'posenet_ros.drawing',
        'posenet_ros.estimation',
        'posenet_ros.framing',
        'posenet_ros.inference',
        'posenet_ros.posenet',
        'posenet_ros.posenet.decoding',
        'posenet_ros.posenet.weights',
    ],
    package_data={'posenet_ros.posenet.weights': ['calibration.jpg']},
    install_requires=['numpy', 'onnxruntime', 'opencv-python-headless<5'],
    extras_require={'download': ['onnx', 'tqdm']},
    entry_points={'console_scripts': ['posenet = posenet_ros.cli.main:main']},
)
