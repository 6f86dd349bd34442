import argparse

import pytest

from posenet_ros.cli.network_options import (
    add_network_options,
    id_rows,
    read_attention,
    read_poses,
    refuse_options,
)
from posenet_ros.errors import SettingError


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_network_options(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ('arguments', 'method'), [([], 'multi_person'), (['--single'], 'single_person')]
)
def test_single_chooses_the_decoding_method(arguments: list[str], method: str) -> None:
    assert read_poses(parse(*arguments)).decoding_method == method


def test_options_of_the_closer_look_are_refused_without_it() -> None:
    options = ['--region-size', '129', '--search-interval', '0']
    with pytest.raises(SettingError, match='--search-interval has no effect without --attention'):
        read_attention(parse(*options))
    attention = read_attention(parse(*options, '--attention', 'closer_look'))
    assert (attention.region_size, attention.search_interval) == (129, 0.0)


def test_a_quality_with_the_closer_look_allows_its_options() -> None:
    assert read_attention(parse('--quality', 'balanced', '--max-regions', '2')).max_regions == 2


@pytest.mark.parametrize(('value', 'is_refused'), [(None, False), (False, False), (0.0, True)])
def test_only_an_option_that_was_given_is_refused(value: object, is_refused: bool) -> None:
    parsed = argparse.Namespace(track_max_age=value)
    if not is_refused:
        refuse_options(parsed, ['track_max_age'], 'here')
        return
    with pytest.raises(SettingError, match='--track-max-age has no effect here'):
        refuse_options(parsed, ['track_max_age'], 'here')


def test_no_option_is_about_smoothing_because_commands_give_out_no_smoothed_keypoints() -> None:
    assert [row.name for row in id_rows()] == [
        'track_max_age',
        'track_min_similarity',
        'track_min_hits',
    ]
