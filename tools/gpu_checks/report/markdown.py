"""Tables in Markdown."""

from collections.abc import Iterable, Mapping
import re

from gpu_checks.plan import Result


def table(columns: Mapping[str, str], rows: Iterable[Result]) -> str:
    """Return a table with these headings, by the name of the figures in each row."""
    lines = [list(columns.values()), ['---'] * len(columns)]
    lines += [[cell(row.get(name)) for name in columns] for row in rows]
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)


def cell(value: object) -> str:
    """Return a value for a table; a figure has at most four digits."""
    if isinstance(value, float):
        return f'{value:.4g}'
    return '' if value is None else re.sub(r'\s+', ' ', str(value)).replace('|', '/')
