"""Images between two hosts, over a network with limited bandwidth and loss."""

import importlib

from torture.session import Session


def measure_hosts(session: Session) -> None:
    """Measure with the program for two hosts, and keep its table for the page."""
    try:
        two_hosts = importlib.import_module('torture.two_hosts')
    except ImportError as error:
        session.tally.notes.append(f'not measured: {error}')
        return
    rows = two_hosts.measure(seconds=session.seconds, report=print)
    session.tally.done['state of the network'] = len(rows)
    session.tally.table = two_hosts.markdown(rows)
