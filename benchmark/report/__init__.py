"""From figures to docs/benchmark.md: tables, targets and charts."""
