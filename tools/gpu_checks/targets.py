"""Targets: limits on figures, with the figure that was measured and whether the limit is met."""

from gpu_checks.plan import Result


def at_least(what: str, measured: float | None, limit: float, unit: str = '') -> Result:
    """Return the target that a figure is at least `limit`; undecided if it was not measured."""
    met = None if measured is None else measured >= limit
    return _target(what, measured, f'>= {limit:g}', unit, met)


def at_most(what: str, measured: float | None, limit: float, unit: str = '') -> Result:
    """Return the target that a figure is at most `limit`; undecided if it was not measured."""
    met = None if measured is None else measured <= limit
    return _target(what, measured, f'<= {limit:g}', unit, met)


def holds(what: str, is_met: bool | None, measured: str | None = None) -> Result:
    """Return the target that a statement is true; None means that nothing decided it."""
    return _target(what, measured, 'yes', '', is_met)


def _target(
    what: str, measured: float | str | None, limit: str, unit: str, met: bool | None
) -> Result:
    return {'what': what, 'limit': limit, 'measured': measured, 'unit': unit, 'met': met}
