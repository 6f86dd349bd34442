"""Options of the `posenet` command that are generated from settings."""

import argparse
from typing import Any, TypeAlias, TypeVar

from posenet_ros.estimation.quality import QualitySettings, settings_for
from posenet_ros.settings import Group, rows, Setting

#: What `argparse.ArgumentParser.add_subparsers` returns.
Commands: TypeAlias = 'argparse._SubParsersAction[argparse.ArgumentParser]'

_Settings = TypeVar('_Settings', bound=Group)


def add_setting_option(target: argparse._ActionsContainer, row: Setting) -> None:
    """
    Add the option of a setting to a parser or to one of its groups.

    The option converts its value to the type of the setting. The range is checked when
    `read_settings` builds the group of settings.
    """
    flag = f'--{row.name.replace("_", "-")}'
    kind = type(row.default)
    if kind is bool:
        target.add_argument(flag, action='store_true', default=None, help=_escape(row.description))
        return
    metavar = 'HxW' if row.name == 'input_size' else kind.__name__.upper()
    target.add_argument(flag, type=kind, metavar=metavar, help=_escape(_help_text(row)))


def read_settings(parsed: argparse.Namespace, group: type[_Settings], **fixed: Any) -> _Settings:
    """
    Return a group of settings from the user's options, with defaults for the others.

    The defaults are those of the option --quality, if the command has it. `fixed` contains values
    of settings without an option. Raises SettingError if a value is not allowed.
    """
    return settings_for(read_quality(parsed), group, **{**_given(parsed, group), **fixed})


def read_quality(parsed: argparse.Namespace) -> str:
    """Return the value of --quality, or its default; raises SettingError."""
    return QualitySettings(**_given(parsed, QualitySettings)).quality


def _given(parsed: argparse.Namespace, group: type) -> dict[str, Any]:
    """Return the values of the options of a group that the user gave."""
    options = {row.name: getattr(parsed, row.name, None) for row in rows(group)}
    return {name: value for name, value in options.items() if value is not None}


def _help_text(row: Setting) -> str:
    """Return the description of a setting, its allowed values and its default."""
    facts = []
    if row.range_text:
        facts.append(f'one of: {row.range_text}' if row.choices else row.range_text)
    if row.default != '':
        facts.append(f'default: {row.default}')
    return f'{row.description} [{"; ".join(facts)}]' if facts else row.description


def _escape(text: str) -> str:
    """Escape a text for argparse, which formats help texts with %."""
    return text.replace('%', '%%')
