"""The `posenet` command: its subcommands, exit codes and error reports."""

import argparse
from collections.abc import Sequence
import signal

from posenet_ros.cli import doctor, download, models, quantize
from posenet_ros.cli.estimation import estimate
from posenet_ros.cli.output import OutputError, prepare_streams, print_message
from posenet_ros.cli.recordings import bag
from posenet_ros.cli.signals import Interruption, interruption
from posenet_ros.errors import PosenetError, SettingError

_DESCRIPTION = 'Find people and their poses in image files and recordings, and manage models.'
_EPILOG = (
    'Run "posenet COMMAND --help" for the options of a command. '
    'Exit codes: 0 for success, 1 for failure, 2 for wrong usage, 130 or 143 after a signal, 141 '
    'if the program that reads the output, such as head, ended early.'
)

# What a shell reports for a program that SIGPIPE ended.
_BROKEN_PIPE = 128 + signal.SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command and return its exit code.

    It is 0 for success, 1 for failure, 130 after SIGINT, 143 after SIGTERM, and 141 for a closed
    pipe. Raises SystemExit with code 2 for wrong usage. Only for the main thread.
    """
    prepare_streams()
    with interruption() as interrupted:
        try:
            exit_code = _run(arguments, interrupted)
        except BaseException:
            # A library may have turned KeyboardInterrupt into another exception.
            if interrupted.exit_code is None:
                raise
            exit_code = 1
    if exit_code and interrupted.exit_code is not None:
        print_message('interrupted')
        return interrupted.exit_code
    return exit_code


def _run(arguments: Sequence[str] | None, interrupted: Interruption) -> int:
    parsed = _new_parser().parse_args(arguments)
    parsed.interruption = interrupted
    try:
        exit_code: int = parsed.run(parsed)
        return exit_code
    except SettingError as error:
        parsed.parser.error(str(error))
    except OutputError as error:
        if isinstance(error.__cause__, BrokenPipeError):  # the reader, such as `head`, has ended
            return _BROKEN_PIPE
        print_message(error)
    except (PosenetError, OSError) as error:
        print_message(error)
    except MemoryError:
        print_message('out of memory')
    return 1


def _new_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='posenet', description=_DESCRIPTION, epilog=_EPILOG)
    version = f'posenet_ros {doctor.find_version()}'
    parser.add_argument('--version', action='version', version=version)
    commands = parser.add_subparsers(required=True, title='commands', metavar='COMMAND')
    for module in (download, models, quantize, doctor, estimate, bag):
        module.add_parser(commands)
    return parser
