"""Images between two hosts, over a network with limited bandwidth and loss."""

import importlib

from torture.session import Session

# Share of the time that one of the conditions gets. There are 72; between them, the programs start
# again and wait for late images.
_SHARE = 1 / 150

# Seconds below which the figures of one condition would say nothing.
_MIN_SECONDS = 1.5


def measure_hosts(session: Session) -> None:
    """Measure with the program for two hosts, and keep its table for the page."""
    seconds = session.seconds * _SHARE
    if seconds < _MIN_SECONDS:
        session.tally.notes.append(f'not measured: it takes {_MIN_SECONDS / _SHARE:.0f} s')
        return
    try:
        two_hosts = importlib.import_module('torture.two_hosts')
    except ImportError as error:
        session.tally.notes.append(f'not measured: {error}')
        return
    rows = two_hosts.measure(seconds=seconds, report=session.tally.progress)
    if not rows:
        session.tally.notes.append('not measured: it needs root, and the programs ip and tc')
        return
    session.tally.done['condition of the network'] = len(rows)
    session.tally.table = two_hosts.markdown(rows)
