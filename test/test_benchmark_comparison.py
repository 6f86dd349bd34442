"""The comparison of two checkouts, with checkouts whose benchmark writes known figures."""

import json
from pathlib import Path

from comparison import compare
import pytest

# A benchmark that logs its folder and part, and writes figures that grow with each run.
_RUN = """
import json, pathlib, sys
log = pathlib.Path('../log.txt')
log.open('a').write(f'{pathlib.Path().resolve().name} {sys.argv[2]}\\n')
runs = log.read_text().count(pathlib.Path().resolve().name)
figures = json.loads(pathlib.Path('figures.json').read_text())
row = {'times': {name: {'median': runs * ms} for name, ms in figures.items()}}
row['estimate_over_session'] = 1.5
output = pathlib.Path(sys.argv[4]) / 'results.json'
output.write_text(json.dumps({'parts': {sys.argv[2]: {'640x480': row}}}))
"""


def make_checkout(folder: Path, **milliseconds: float) -> Path:
    """Create a checkout that looks set up; the times it measures are multiples of these."""
    (folder / 'install').mkdir(parents=True)
    (folder / 'install' / '.ready').touch()
    (folder / 'env.sh').touch()
    (folder / 'benchmark').mkdir()
    (folder / 'benchmark' / 'run.py').write_text(_RUN)
    (folder / 'figures.json').write_text(json.dumps(milliseconds))
    return folder


def rows(table: str) -> dict[str, list[str]]:
    """Return the cells of a table's rows, by the first cell."""
    cells = [line.strip('| ').split(' | ') for line in table.splitlines()[2:]]
    return {first: rest for first, *rest in cells}


def test_the_checkouts_take_turns(tmp_path: Path) -> None:
    here, other = (make_checkout(tmp_path / name, decoding=1.0) for name in ('here', 'other'))
    compare(here, other, ['stages'], rounds=2)
    assert (tmp_path / 'log.txt').read_text() == 'here stages\nother stages\n' * 2


def test_a_row_has_both_medians_and_the_median_ratio_of_the_pairs(tmp_path: Path) -> None:
    here = make_checkout(tmp_path / 'here', session=3.0)
    other = make_checkout(tmp_path / 'other', session=2.0)
    table = rows(compare(here, other, ['stages'], rounds=3))
    assert table['stages/640x480/times/session/median'] == [
        '6.000', '4.000', '1.500', '1.50 to 1.50',
    ]  # fmt: skip


def test_a_figure_that_one_checkout_lacks_is_left_out(tmp_path: Path) -> None:
    here = make_checkout(tmp_path / 'here', session=3.0, new_stage=1.0)
    other = make_checkout(tmp_path / 'other', session=2.0, old_stage=1.0)
    assert list(rows(compare(here, other, ['stages'], rounds=1))) == [
        'stages/640x480/times/session/median',
        'stages/640x480/estimate_over_session',
    ]


def test_a_checkout_that_is_not_set_up_is_refused(tmp_path: Path) -> None:
    here = make_checkout(tmp_path / 'here')
    with pytest.raises(SystemExit, match=r'other is not set up.*make setup'):
        compare(here, tmp_path / 'other', ['stages'], rounds=1)


def test_a_failed_measurement_ends_the_comparison_with_its_output(tmp_path: Path) -> None:
    here, other = (make_checkout(tmp_path / name) for name in ('here', 'other'))
    (other / 'benchmark' / 'run.py').write_text('raise SystemExit("no such model")')
    with pytest.raises(SystemExit, match=r'(?s)stages in .*other failed.*no such model'):
        compare(here, other, ['stages'], rounds=1)
