"""
Print the shell commands that make Fast DDS read a profile.

env.sh runs this program and evaluates its output. Argument: the path of the profile. A profile
of the user that the environment already sets is kept.
"""

import os
import shlex
import sys

from posenet_ros.fastdds_profile import profile_variables, superfluous_variables


def main() -> None:
    """Print one command for each variable to set or to remove."""
    for name in superfluous_variables(os.environ, sys.argv[1]):
        print(f'unset {name}')
    for name, value in profile_variables(os.environ, sys.argv[1]).items():
        print(f'export {name}={shlex.quote(value)}')


if __name__ == '__main__':
    main()
