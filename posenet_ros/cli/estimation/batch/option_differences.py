"""How a command of `posenet estimate --output` differs from the one that wrote a folder."""

from collections.abc import Iterator, Mapping
from typing import Any

from posenet_ros.estimation.quality import QUALITIES
from posenet_ros.quoting import shortened

_UNKNOWN = 'it is from another release of posenet_ros, or something else'
# More would be hard to read.
_MAX_LISTED = 3
# What decides which graph is loaded, and so is named instead of it.
_GRAPH_CHOICE = ('model', 'output_stride')
# Settings whose option is not their name.
_OPTIONS = {
    'formats': '--format',
    'decoding_method': '--single (decoding_method)',
    'graph': 'the graph of the model',
}


def describe_differences(old: object, new: Mapping[str, Any]) -> str:
    """
    Return in words how the command that was noted in a folder differs from this one.

    Both are values of JSON: `new` as `video_record` describes a command, and `old` whatever was in
    the folder. An option is named with both values.
    """
    if not isinstance(old, dict) or old.get('format') != new['format']:
        return _UNKNOWN
    if not isinstance(old.get('input'), dict) or old['input'].keys() != new['input'].keys():
        return _UNKNOWN
    if old['input'] != new['input']:
        return _describe_videos(old['input'], new['input'])
    before, now = dict(_options(old)), dict(_options(new))
    if before.keys() != now.keys():
        return _UNKNOWN
    return _describe_options(before, now) or _UNKNOWN


def _describe_videos(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    was = f'it is from another video, {shortened(str(old["name"]))} with {old["bytes"]} bytes'
    if (old['name'], old['bytes']) == (new['name'], new['bytes']):
        return f'{was} and other content'
    return f'{was}, and not from {new["name"]} with {new["bytes"]} bytes'


def _describe_options(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return the names of options that differ, with their values; empty if there are none."""
    names = {name for name in new if old[name] != new[name]}
    if 'quality' in names:
        for quality in (str(old['quality']), str(new['quality'])):
            names -= QUALITIES.get(quality, {}).keys()
            if 'model' in QUALITIES.get(quality, {}):
                names.discard('graph')
    if not names.isdisjoint(_GRAPH_CHOICE):
        names.discard('graph')
    listed = sorted(names, key=lambda name: (name != 'quality', list(new).index(name)))
    text = ', '.join(
        f'{_option_of(name)} was {_value_of(old[name])} and is {_value_of(new[name])}'
        for name in listed[:_MAX_LISTED]
    )
    more = len(listed) - _MAX_LISTED
    return f'{text}, and {more} more options differ' if more > 0 else text


def _options(command: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return each option of a command, also those in groups, with its value."""
    for name, value in command.items():
        if name == 'input':
            continue
        if isinstance(value, dict):
            yield from value.items()
        else:
            yield name, value


def _option_of(name: str) -> str:
    return _OPTIONS.get(name, f'--{name.replace("_", "-")}')


def _value_of(value: object) -> str:
    if value is None or value == '':
        return 'not given'
    text = ', '.join(map(str, value)) if isinstance(value, list) else str(value)
    return shortened(text)
