"""
Format figures for a page in Markdown.

Input: summaries and ratios. Output: cells and tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def format_time(summary: Mapping[str, Any]) -> str:
    """Return a summary of times as `median (p95)`, or a dash if nothing was measured."""
    if summary['median'] is None:
        return '-'
    return f'{summary["median"]:.2f} ({summary["p95"]:.2f})'


def format_ratio(over: float | None, under: float | None) -> str:
    """Return a ratio with two decimals, or a dash if one of the figures was not measured."""
    return f'{over / under:.2f}' if over and under else '-'


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ['---'] * len(head), *rows]
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)
