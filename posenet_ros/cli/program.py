"""
The program `posenet`: sets up signals, and only then imports the command.

That import takes about a second. In the middle of it, KeyboardInterrupt would end in a traceback,
or in a library's message that it cannot be imported. This module itself imports hardly anything.
"""

import os
import signal


def run() -> int:
    """
    Run the command with the arguments of the process, and return its exit code.

    Before and after the work of the command, there is nothing to clean up: a signal ends the
    process at once, with exit code 130 or 143. A signal that is ignored, as by nohup, stays
    ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda received, _: os._exit(128 + received))
    from posenet_ros.cli.main import main

    return main()
