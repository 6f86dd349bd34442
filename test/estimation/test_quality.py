"""The table of qualities."""

import re
from typing import Any

from golden import ROOT
import pytest
import yaml

from posenet_ros.errors import SettingError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.quality import QUALITIES, QualitySettings, settings_for
from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.settings import Group, PoseSettings, rows


def test_fast_is_the_default_and_replaces_no_default() -> None:
    assert QualitySettings().quality == 'fast'
    assert QualitySettings().defaults == {}


@pytest.mark.parametrize('quality', QUALITIES)
@pytest.mark.parametrize('group', PARAMETERS)
def test_the_defaults_of_a_quality_are_allowed_together(group: type[Group], quality: str) -> None:
    defaults = QualitySettings(quality=quality).defaults
    group(**{row.name: row.default for row in rows(group, defaults)})


@pytest.mark.parametrize('quality', QUALITIES)
def test_a_quality_replaces_only_known_defaults_by_values_of_the_same_type(quality: str) -> None:
    known = {row.name: row.default for group in PARAMETERS for row in rows(group)}
    for name, value in QUALITIES[quality].items():
        assert name != 'quality'
        assert type(value) is type(known[name])


def test_an_unknown_quality_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="'best'; choose one of fast, balanced, accurate"):
        QualitySettings(quality='best')


@pytest.mark.parametrize('quality', QUALITIES)
def test_the_description_names_what_a_quality_sets(quality: str) -> None:
    (row,) = rows(QualitySettings)
    for name, value in QUALITIES[quality].items():
        assert f'{name} {value}' in row.description


def test_the_table_in_the_readme_agrees() -> None:
    readme = (ROOT / 'README.md').read_text()
    table = readme.split('| `quality` |')[1].split('\n\n')[0]
    found: dict[str, dict[str, Any]] = {}
    for line in table.splitlines()[2:]:
        _, name, sets, *_ = line.split('|')
        values = re.findall(r'`(\w+: [^`]+)`', sets)
        found[name.split('`')[1]] = yaml.safe_load('{' + ', '.join(values) + '}')
    assert found == QUALITIES


def test_the_settings_of_a_quality_have_its_defaults_and_what_is_given() -> None:
    assert settings_for('fast', PoseSettings) == PoseSettings()
    attention = settings_for('balanced', AttentionSettings, max_regions=3)
    assert attention == AttentionSettings(attention='closer_look', region_size=241, max_regions=3)
    assert settings_for('balanced', AttentionSettings, region_size=257).region_size == 257
    with pytest.raises(SettingError, match="quality is 'best'"):
        settings_for('best', PoseSettings)


@pytest.mark.parametrize('quality', QUALITIES)
def test_the_comment_in_the_config_names_what_a_quality_sets(quality: str) -> None:
    config = ' '.join((ROOT / 'config' / 'posenet.yaml').read_text().replace('#', ' ').split())
    for name, value in QUALITIES[quality].items():
        assert re.search(rf'{quality} sets[^.]*(\.\d[^.]*)*{name} {value}', config)
