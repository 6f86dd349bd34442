from typing import Any

import pytest

from posenet_ros.cli.estimation.batch.option_differences import describe_differences

VIDEO = {'name': 'a.mp4', 'files': 1, 'bytes': 5, 'checksum': '1'}


def command(**changed: Any) -> dict[str, Any]:
    """Return what is noted about a command."""
    return {
        'format': 1,
        'input': VIDEO,
        'rate': None,
        'selection': {'every': 1, 'end': None},
        'formats': ['jsonl'],
        'quality': 'fast',
        'model': 'mobilenet_v1_075',
        'graph': 'a.onnx',
        'poses': {'decoding_method': 'multi_person', 'input_size': '', 'image_scale_factor': 0.5},
        'attention': {'attention': 'whole_image'},
        'tracking': {'track_max_age': 1.0},
        **changed,
    }


@pytest.mark.parametrize(
    ('changed', 'text'),
    [
        ({'selection': {'every': 2, 'end': None}}, '--every was 1 and is 2'),
        ({'selection': {'every': 1, 'end': 9.0}}, '--end was not given and is 9.0'),
        ({'formats': ['csv', 'mp4']}, '--format was jsonl and is csv, mp4'),
        ({'rate': 5.0}, '--rate was not given and is 5.0'),
        ({'model': 'mobilenet_v1_100', 'graph': 'b.onnx'},
         '--model was mobilenet_v1_075 and is mobilenet_v1_100'),
        ({'graph': 'b.onnx'}, 'the graph of the model was a.onnx and is b.onnx'),
        ({'tracking': {'track_max_age': 2.0}}, '--track-max-age was 1.0 and is 2.0'),
    ],
)  # fmt: skip
def test_an_option_is_named_with_its_old_and_new_value(changed: Any, text: str) -> None:
    assert describe_differences(command(), command(**changed)) == text


def test_a_setting_whose_option_has_another_name_is_named_by_its_option() -> None:
    poses = {**command()['poses'], 'decoding_method': 'single_person'}
    assert describe_differences(command(), command(poses=poses)) == (
        '--single (decoding_method) was multi_person and is single_person'
    )


def test_what_follows_from_another_quality_is_not_named_but_other_options_are() -> None:
    poses = {**command()['poses'], 'image_scale_factor': 0.7}
    other = command(
        quality='balanced', poses=poses, attention={'attention': 'closer_look'}, rate=2.0
    )
    assert describe_differences(command(), other) == (
        '--quality was fast and is balanced, --rate was not given and is 2.0'
    )


def test_another_video_is_named_and_nothing_else() -> None:
    other = command(input={**VIDEO, 'name': 'a.avi', 'bytes': 7}, rate=2.0)
    assert describe_differences(command(), other) == (
        'it is from another video, a.mp4 with 5 bytes, and not from a.avi with 7 bytes'
    )
    changed = command(input={**VIDEO, 'checksum': '2'})
    assert 'it is from another video, a.mp4 with 5 bytes and other content' in (
        describe_differences(command(), changed)
    )


@pytest.mark.parametrize('old', [{}, {'format': 1}, [], None, {**command(), 'poses': 3}])
def test_what_this_release_did_not_write_is_described_without_options(old: Any) -> None:
    assert describe_differences(old, command()) == (
        'it is from another release of posenet_ros, or something else'
    )
    assert describe_differences({**command(), 'format': 0}, command()) == (
        'it is from another release of posenet_ros, or something else'
    )


def test_only_the_first_differences_are_listed() -> None:
    old = command(tracking={f'track_{number}': 0 for number in range(6)})
    new = command(tracking={f'track_{number}': 1 for number in range(6)})
    text = describe_differences(old, new)
    assert text.count(' was 0 and is 1') == 3
    assert text.endswith(', and 3 more options differ')
