"""The table of all parameters, and its copies in config/ and docs/."""

import re
from typing import Any

from golden import ROOT
import pytest
import yaml

from posenet_ros.ros.hri_bodies import BodySettings
from posenet_ros.ros.image_source import SourceSettings
from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.settings import rows, Setting

ROWS = [(row, changeable) for group, changeable in PARAMETERS.items() for row in rows(group)]
DOCUMENTED = [
    *(('posenet_node', row, changeable) for row, changeable in ROWS),
    *(('hri_bodies', row, False) for row in rows(BodySettings)),
    *(('image_source', row, False) for row in rows(SourceSettings)),
]


def ids(argument: object) -> str | None:
    return argument.name if isinstance(argument, Setting) else None


@pytest.fixture(scope='module')
def config() -> str:
    return (ROOT / 'config' / 'posenet.yaml').read_text()


@pytest.fixture(scope='module')
def documented() -> dict[tuple[str, str], list[str]]:
    """Return the rows of the tables in docs/parameters.md by the names of node and parameter."""
    page = (ROOT / 'docs' / 'parameters.md').read_text()
    rows_by_name = {}
    for chapter in page.split('\n## ')[1:]:
        node, *lines = chapter.splitlines()
        for line in lines:
            if line.startswith('| `'):
                cells = [cell.strip() for cell in line.strip('|').split('|')]
                rows_by_name[node, cells[0].strip('`')] = cells
    return rows_by_name


def comment_above(config: str, name: str) -> str:
    """Return the comment above a parameter in the YAML file, as one line."""
    match = re.search(rf'((?: +#.*\n)+) +(?:# )?{name}:', config)
    assert match, f'{name} has no comment'
    return ' '.join(line.strip(' #') for line in match[1].splitlines())


def values(text: str) -> dict[str, Any]:
    """Return the parameters that a YAML file sets for all nodes."""
    found: dict[str, Any] = yaml.safe_load(text)['/**']['ros__parameters']
    return found


def test_the_config_has_all_parameters_with_their_defaults_in_order(config: str) -> None:
    names = '|'.join(row.name for row, _ in ROWS)
    uncommented = re.sub(rf'(?m)^    # (?=({names}): )', '    ', config)
    assert list(values(uncommented).items()) == [(row.name, row.default) for row, _ in ROWS]


def test_the_config_sets_nothing_but_the_default_of_image_topics(config: str) -> None:
    assert values(config) == {'image_topics': ['image_raw']}


@pytest.mark.parametrize(('row', 'changeable'), ROWS, ids=ids)
def test_the_config_states_the_range_and_which_parameters_need_a_restart(
    row: Setting, changeable: bool, config: str
) -> None:
    comment = comment_above(config, row.name)
    assert comment.endswith('(restart)') != changeable
    for value in row.choices or [row.minimum, row.maximum]:
        assert value is None or str(value) in comment


@pytest.mark.parametrize(('node', 'row', 'changeable'), DOCUMENTED, ids=ids)
def test_the_documentation_agrees_with_the_settings(
    node: str, row: Setting, changeable: bool, documented: dict[tuple[str, str], list[str]]
) -> None:
    _, default, allowed, takes_effect, description = documented[node, row.name]
    assert yaml.safe_load(default.strip('`')) == row.default
    assert allowed == row.range_text
    assert takes_effect == ('at once' if changeable else 'restart')
    assert description == row.description


def test_the_documentation_has_no_other_parameters(
    documented: dict[tuple[str, str], list[str]],
) -> None:
    assert list(documented) == [(node, row.name) for node, row, _ in DOCUMENTED]


def test_no_two_parameters_have_the_same_name() -> None:
    assert len({row.name for row, _ in ROWS}) == len(ROWS)
