import re
from typing import Any

from golden import ROOT
import pytest
import yaml

from posenet_ros.ros.image_source import SourceSettings
from posenet_ros.ros.parameters.parameters import PARAMETERS
from posenet_ros.settings import rows, Setting

ROWS = [(row, changeable) for group, changeable in PARAMETERS.items() for row in rows(group)]


def ids(argument: object) -> str | None:
    return argument.name if isinstance(argument, Setting) else None


@pytest.fixture(scope='module')
def config() -> str:
    return (ROOT / 'config' / 'posenet.yaml').read_text()


@pytest.fixture(scope='module')
def readme_table() -> dict[str, list[str]]:
    """Return the cells of the README's parameter table by the name in their first."""
    lines = (ROOT / 'README.md').read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines if line]
    return {row[0].strip('`'): row for row in cells if len(row) == 5}


def comment_above(config: str, name: str) -> str:
    """Return the comment above a parameter in the YAML file, as one line."""
    match = re.search(rf'((?: +#.*\n)+) +{name}:', config)
    assert match, f'{name} has no comment'
    return ' '.join(line.strip(' #') for line in match[1].splitlines())


def test_the_config_has_all_parameters_with_their_defaults_in_the_tables_order(
    config: str,
) -> None:
    values: dict[str, Any] = yaml.safe_load(config)['/**']['ros__parameters']
    assert list(values.items()) == [(row.name, row.default) for row, _ in ROWS]


@pytest.mark.parametrize(('row', 'changeable'), ROWS, ids=ids)
def test_the_config_says_the_range_and_what_is_fixed(
    row: Setting, changeable: bool, config: str
) -> None:
    comment = comment_above(config, row.name)
    assert comment.endswith('Fixed.') != changeable
    for value in row.choices or [row.minimum, row.maximum]:
        assert value is None or str(value) in comment


@pytest.mark.parametrize(
    ('row', 'changeable'), [*ROWS, *((row, False) for row in rows(SourceSettings))], ids=ids
)
def test_the_readme_says_the_same_as_the_table(
    row: Setting, changeable: bool, readme_table: dict[str, list[str]]
) -> None:
    _, default, allowed, when, description = readme_table[row.name]
    assert yaml.safe_load(default.strip('`')) == row.default
    assert allowed == row.range_text
    assert when == ('any time' if changeable else 'start')
    assert description == row.description


def test_the_readme_has_no_other_parameters(readme_table: dict[str, list[str]]) -> None:
    names = [name for name in readme_table if name.islower() and name.isidentifier()]
    names.remove('parameter')
    assert names == [row.name for row in rows(SourceSettings)] + [row.name for row, _ in ROWS]


def test_no_name_is_used_twice() -> None:
    assert len({row.name for row, _ in ROWS}) == len(ROWS)
