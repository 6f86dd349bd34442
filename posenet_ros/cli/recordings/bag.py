"""`posenet bag`: find the poses in the images of recordings."""

import argparse

from posenet_ros.cli.batches.batch_options import add_batch_options
from posenet_ros.cli.batches.batch_progress import BAGS
from posenet_ros.cli.network_options import add_network_options, id_rows
from posenet_ros.cli.options import add_setting_option, Commands
from posenet_ros.errors import MissingDependencyError

_SUMMARY = 'find the poses in the images of recordings of ROS 2 (bags)'
_DESCRIPTION = (
    'Write a bag with a PoseArray for each image in a bag, on the same topic as posenet_node and '
    'with the same content. ROS is not needed. If the command is interrupted or killed, the same '
    'command continues where it stopped, and does nothing if all is done. If an image cannot be '
    'processed, the others still are, and the exit code is 1.'
)
_USAGE = '%(prog)s IN [IN ...] OUT [options]'


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('bag', help=_SUMMARY, description=_DESCRIPTION, usage=_USAGE)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        'source', nargs='+', metavar='IN', help='bag: a folder, or an .mcap or .db3 file'
    )
    parser.add_argument(
        'target',
        metavar='OUT',
        help='the new bag; with several IN, or if OUT ends in / or is an existing folder that is '
        'not a bag, the folder for the new bags, which get the names of IN',
    )
    _add_bag_options(parser)
    parser.add_argument('--no-tracking', action='store_true', help='give people no ids')
    for row in id_rows():
        add_setting_option(parser, row)
    add_network_options(parser)


def _add_bag_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that concern bags, and how many at a time."""
    parser.add_argument(
        '--topic',
        nargs='+',
        action='extend',
        default=[],
        metavar='TOPIC',
        help='image topics to process [default: all of type Image or CompressedImage, but only '
        'one for each camera]',
    )
    parser.add_argument(
        '--copy', action='store_true', help='also copy all topics of IN, so that OUT has both'
    )
    parser.add_argument(
        '--annotations',
        action='store_true',
        help='also write skeletons and ids as annotations, which Foxglove draws onto the images',
    )
    parser.add_argument(
        '--storage', choices=('mcap', 'sqlite3'), help='storage of OUT [default: that of IN]'
    )
    add_batch_options(parser, BAGS)


def run(parsed: argparse.Namespace) -> int:
    """Convert bags, and return the exit code; raises MissingDependencyError without rosbags."""
    try:
        from posenet_ros.cli.recordings.bag_run import convert_bags
    except ModuleNotFoundError as error:
        if (error.name or '').startswith('posenet_ros'):
            raise
        raise MissingDependencyError(
            f'posenet bag needs the Python package rosbags, and {error.name} is missing; run: pip '
            "install 'rosbags>=0.11'"
        ) from error
    return convert_bags(parsed)
