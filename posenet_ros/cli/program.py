"""The program `posenet`: sets up signals, and only then imports the command."""

from posenet_ros.cli.signals import exit_on_signals


def run() -> int:
    """Run the command with the arguments of the process, and return its exit code."""
    exit_on_signals()
    # This import takes about a second. In the middle of it, KeyboardInterrupt would end in a
    # traceback, or in a library's message that it cannot be imported.
    from posenet_ros.cli.main import main

    return main()
