"""
Change the paths in the CMake files of the ROS 2 wheels to this environment.

The wheels contain the include folders of the machine that built them, and CMake fails if a folder
does not exist. This program rewrites the *.cmake files of the environment whose Python runs it,
after the wheels are installed. Running it again changes nothing.
"""

from pathlib import Path
import re
import sys
import sysconfig

import numpy as np

_PYTHON_INCLUDE = re.compile(r'/opt/python/cp\d+-cp\d+/include/python3\.\d+')
_NUMPY_INCLUDE = re.compile(r'/opt/[^;"\s]*/site-packages/numpy/(?:_core|core)/include')


def main() -> None:
    """Rewrite the files in place."""
    for path in (Path(sys.prefix) / 'share').rglob('*.cmake'):
        text = path.read_text()
        relocated = _PYTHON_INCLUDE.sub(sysconfig.get_path('include'), text)
        relocated = _NUMPY_INCLUDE.sub(np.get_include(), relocated)
        if relocated != text:
            path.write_text(relocated)


if __name__ == '__main__':
    main()
