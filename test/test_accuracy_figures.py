"""The figures of accuracy in the README: they are those of docs/accuracy.md."""

from itertools import takewhile

from golden import ROOT
import pytest

README = (ROOT / 'README.md').read_text()
PAGE = (ROOT / 'docs' / 'accuracy.md').read_text()


def read_table(text: str, start: str) -> dict[str, dict[str, str]]:
    """Return the cells of the table whose head starts with a text, by row and column."""
    after = (start + text.split(f'\n{start}')[1]).splitlines()
    head, _, *lines = takewhile(lambda line: line.startswith('|'), after)
    titles, *rows = (
        [cell.strip(' `') for cell in line.split('|')[1:-1]] for line in (head, *lines)
    )
    return {row[0]: dict(zip(titles, row, strict=True)) for row in rows}


MEASURED = read_table(PAGE, '| row | settings | AP |')
FOUND = read_table(PAGE, '| height in the network input | default |')


def in_readme(start: str) -> dict[str, dict[str, str]]:
    return read_table(README, start)


def rounded(ratio: float) -> str:
    return f'{ratio:.2g}'


def relative_to_the_defaults(row: str) -> float:
    """Return the CPU time of a row, divided by that of the defaults."""
    return float(MEASURED[row]['relative'])


def test_the_table_of_qualities_has_the_measured_figures() -> None:
    table = in_readme('| `quality` |')
    rows = {'fast` (default)': 'default', 'balanced': 'balanced', 'accurate': 'accurate'}
    assert table.keys() == rows.keys()
    for quality, row in rows.items():
        *_, ap, relative = table[quality].values()
        assert ap == MEASURED[row]['AP']
        assert relative == rounded(relative_to_the_defaults(row))


def test_the_table_of_factors_has_the_measured_figures() -> None:
    table = in_readme('| `image_scale_factor` |')
    for factor, cells in table.items():
        row = f'factor {factor.split()[0]}'
        *_, ap, relative = cells.values()
        assert ap == MEASURED[row]['AP']
        assert relative == rounded(relative_to_the_defaults(row))


@pytest.mark.parametrize(('quality', 'row'), [('fast', 'default'), ('balanced', 'balanced')])
def test_the_table_of_people_found_has_the_measured_shares(quality: str, row: str) -> None:
    _, *shares = in_readme('| height in the network input |')[quality].items()
    for height, share in shares:
        assert FOUND[height][row].startswith(f'{share} / ')


def test_the_text_about_single_parameters_has_the_measured_figures() -> None:
    text = ' '.join(README.split())
    assert f'`257x257` has an AP of {MEASURED["257x257"]["AP"]}.' in text
    ratios = [relative_to_the_defaults(row) for row in ('large 0.5', 'stride 8')]
    assert f'takes {ratios[0]:.1f} to {ratios[1]:.1f} times as long' in text
