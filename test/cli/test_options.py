import argparse
from dataclasses import dataclass
from typing import Any

import pytest

from posenet_ros.cli.options import add_setting_option, read_settings
from posenet_ros.errors import SettingError
from posenet_ros.estimation.quality import QUALITIES, QualitySettings
from posenet_ros.settings import Group, rows, setting


@dataclass(frozen=True, kw_only=True)
class Example(Group):
    """One setting of each type that a command line has."""

    speed_limit: float = setting(0.5, 'share, 100 % at most', minimum=0.1, maximum=1.0)
    count: int = setting(3, 'number of things', minimum=1, maximum=9)
    colour: str = setting('red', 'colour of things', choices=('red', 'blue'))
    label: str = setting('', 'text on things')
    loud: bool = setting(False, 'say it aloud')


def new_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='example')
    for row in rows(QualitySettings) + rows(Example):
        add_setting_option(parser, row)
    return parser


def read(*arguments: str, **fixed: Any) -> Example:
    return read_settings(new_parser().parse_args(arguments), Example, **fixed)


def test_without_options_all_settings_have_their_defaults() -> None:
    assert read() == Example()


def test_an_option_sets_the_setting_of_its_name_converted_to_its_type() -> None:
    given = ['--speed-limit', '1', '--count', '4', '--colour', 'blue', '--label', 'a', '--loud']
    assert read(*given) == Example(speed_limit=1.0, count=4, colour='blue', label='a', loud=True)


def test_a_fixed_setting_needs_no_option() -> None:
    assert read('--count', '4', colour='blue') == Example(count=4, colour='blue')


def test_without_options_settings_have_the_defaults_of_the_quality(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(QUALITIES, 'accurate', {'count': 5, 'speed_limit': 0.9, 'zoom': 2})
    quality = ['--quality', 'accurate']
    assert read(*quality) == Example(count=5, speed_limit=0.9)
    assert read(*quality, '--count', '3', speed_limit=0.2) == Example(count=3, speed_limit=0.2)


def test_an_unknown_quality_is_a_wrong_setting() -> None:
    with pytest.raises(SettingError, match='choose one of fast, balanced, accurate'):
        read('--quality', 'best')


@pytest.mark.parametrize(
    ('option', 'value'), [('--speed-limit', '2'), ('--count', '0'), ('--colour', 'green')]
)
def test_a_value_out_of_range_is_a_wrong_setting(option: str, value: str) -> None:
    with pytest.raises(SettingError, match=value):
        read(option, value)


def test_a_value_of_another_type_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match='2'):
        read('--count', 'many')
    assert "'many'" in capsys.readouterr().err


@pytest.mark.parametrize(
    'line',
    [
        '--speed-limit FLOAT share, 100 % at most [0.1 to 1.0; default: 0.5]',
        '--count INT number of things [1 to 9; default: 3]',
        '--colour STR colour of things [one of: red, blue; default: red]',
        '--label STR text on things --loud',
        '--loud say it aloud',
    ],
)
def test_the_help_has_description_allowed_values_and_default(line: str) -> None:
    assert line in ' '.join(new_parser().format_help().split())
