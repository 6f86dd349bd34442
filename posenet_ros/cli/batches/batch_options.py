"""The options of commands that process several recordings or videos."""

import argparse

from posenet_ros.cli.batches.batch_progress import Nouns
from posenet_ros.cli.options import read_settings
from posenet_ros.errors import SettingError
from posenet_ros.inference.runtime_settings import RuntimeSettings


def add_batch_options(parser: argparse.ArgumentParser, nouns: Nouns, *, only: str = '') -> None:
    """Add --jobs and --shard; `only` says where they are allowed, such as '; only with --x'."""
    parser.add_argument(
        '--jobs',
        type=int,
        metavar='INT',
        help=f'process this many {nouns.sources} at the same time, each in a process of its own '
        f'with one CPU thread for the network [default: 1, on all threads]{only}',
    )
    parser.add_argument(
        '--shard',
        metavar='I/N',
        help=f'process only every Nth of the {nouns.sources}, beginning with the Ith, in the '
        'order of their paths, so that N machines with the same command and another I share the '
        f'work{only}',
    )


def read_processes(parsed: argparse.Namespace, tasks: int) -> int:
    """Return how many processes share this number of tasks; raises SettingError."""
    jobs: int = 1 if parsed.jobs is None else parsed.jobs
    if jobs < 1:
        raise SettingError(f'--jobs is {jobs}; choose at least 1')
    return min(jobs, tasks)


def read_runtime(parsed: argparse.Namespace, processes: int) -> RuntimeSettings:
    """Return how each of several processes runs the network; raises SettingError."""
    if processes > 1 and parsed.intra_op_num_threads is None:
        # N processes with one thread each do more in total than one process with N threads, as
        # only the network uses several (docs/recordings.md).
        return read_settings(parsed, RuntimeSettings, intra_op_num_threads=1)
    return read_settings(parsed, RuntimeSettings)
