"""What the GPU check prints: the result of a part, and the targets, as plain text."""

from collections.abc import Iterator, Sequence
from typing import Any

from gpu_checks.plan import Result

# Characters of a text in the table of targets; all of it is in the part's own result.
_WIDTH = 60
# Lines that are printed of the output of a part that failed.
_OUTPUT_LINES = 6
_MET = {True: 'met', False: 'NOT MET', None: 'undecided'}


def describe_part(name: str, found: Result) -> str:
    """Return the figures of a part as lines; a list of dicts becomes a table."""
    shown = {key: value for key, value in found.items() if key not in ('targets', 'seconds')}
    heading = f'== {name}' + (f' ({found["seconds"]} s)' if 'seconds' in found else '')
    return '\n'.join([heading, *_lines(shown, '  '), ''])


def describe_targets(targets: Sequence[Result]) -> str:
    """Return a line for each target, and how many of them are met."""
    rows = [
        [_MET[one['met']], one['part'], one['what'], _measured(one), one['limit']]
        for one in targets
    ]
    counts = ', '.join(
        f'{sum(one["met"] is met for one in targets)} {word}' for met, word in _MET.items()
    )
    return '\n'.join(['== targets', *_aligned(rows, '  '), f'  {counts}', ''])


def _measured(target: Result) -> str:
    measured = target['measured']
    text = '' if measured is None else f'{_short(measured)} {target["unit"]}'.strip()
    return text if len(text) <= _WIDTH else f'{text[:_WIDTH]}...'


def _lines(value: dict[str, Any], indent: str) -> Iterator[str]:
    for key, one in value.items():
        if isinstance(one, dict):
            yield f'{indent}{key}:'
            yield from _lines(one, f'{indent}  ')
        elif isinstance(one, list) and one and all(isinstance(row, dict) for row in one):
            yield f'{indent}{key}:'
            yield from _table(one, f'{indent}  ')
        elif isinstance(one, list) and any(isinstance(row, str) for row in one):
            yield f'{indent}{key}:'
            lines = one[-_OUTPUT_LINES:] if key == 'output' else one
            yield from (f'{indent}  {line}' for line in lines)
        else:
            yield f'{indent}{key}: {_short(one)}'


def _table(rows: Sequence[Result], indent: str) -> Iterator[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_short(row.get(name, '')) for name in names] for row in rows)]
    yield from _aligned(cells, indent)


def _aligned(rows: Sequence[Sequence[str]], indent: str) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f'{indent}{"  ".join(cells)}'.rstrip()


def _short(value: object) -> str:
    """Return a value as text; a figure has at most four digits."""
    if value is None:
        return 'none'
    if isinstance(value, float):
        return f'{value:.4g}'
    if isinstance(value, list):
        return ', '.join(map(_short, value))
    return ' '.join(str(value).split())


def describe_error(error: Exception) -> str:
    """Return an error of any library on one line."""
    return _short(f'{type(error).__name__}: {error}')
