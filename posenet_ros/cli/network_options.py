"""The options of the commands that find people, and the settings from them."""

import argparse
from collections.abc import Iterable

from posenet_ros.cli.options import add_setting_option, read_settings
from posenet_ros.errors import SettingError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.quality import QualitySettings
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.settings import PoseSettings, rows, Setting
from posenet_ros.tracking import TrackingSettings

_GROUPS = (QualitySettings, ModelSettings, RuntimeSettings, PoseSettings, AttentionSettings)
# The settings that exclude each other.
_FRAMING = ('image_scale_factor', 'input_size')
# The settings that have an effect only with closer_look.
_CLOSER_LOOK = ('search_interval', 'max_regions', 'region_size')
# The settings of tracking that concern ids. The commands give out no smoothed keypoints.
_IDS = ('track_max_age', 'track_min_similarity', 'track_min_hits')


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for the network, for decoding and for the closer look."""
    parser.add_argument(
        '--single',
        action='store_true',
        help='find at most one person (decoding_method single_person)',
    )
    framing = parser.add_mutually_exclusive_group()
    for row in [row for group in _GROUPS for row in rows(group)]:
        if row.name != 'decoding_method':  # which is --single
            add_setting_option(framing if row.name in _FRAMING else parser, row)


def id_rows() -> list[Setting]:
    """Return the settings of tracking that have options."""
    return [row for row in rows(TrackingSettings) if row.name in _IDS]


def read_poses(parsed: argparse.Namespace) -> PoseSettings:
    """Return how poses are decoded; raises SettingError."""
    method = 'single_person' if parsed.single else 'multi_person'
    return read_settings(parsed, PoseSettings, decoding_method=method)


def read_attention(parsed: argparse.Namespace) -> AttentionSettings:
    """Return which parts of an image are processed; raises SettingError."""
    attention = read_settings(parsed, AttentionSettings)
    if attention.attention != 'closer_look':
        option = '--attention closer_look'
        refuse_options(parsed, _CLOSER_LOOK, f'without {option}: add {option}')
    return attention


def refuse_options(parsed: argparse.Namespace, names: Iterable[str], reason: str) -> None:
    """Raise SettingError if the user gave an option of these settings, which have no effect."""
    for name in names:
        value = getattr(parsed, name)
        if value is not None and value is not False:  # 0 is a value
            raise SettingError(f'--{name.replace("_", "-")} has no effect {reason}')
